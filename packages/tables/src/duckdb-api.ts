import { createRequire } from "node:module";
import type * as Api from "@duckdb/node-api";

/*
 * The one place that loads @duckdb/node-api, when it is first needed: a process that scores tables of text does without. It is
 * CommonJS in some sixty files: required, it takes 100 ms of a core; imported, Node reads every file once more for its exports and
 * takes 240 ms, in each worker again.
 */
let loaded: typeof Api | undefined;

export function duckdbApi(): typeof Api {
  loaded ??= createRequire(import.meta.url)("@duckdb/node-api") as typeof Api;
  return loaded;
}
