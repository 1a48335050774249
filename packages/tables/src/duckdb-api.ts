import { createRequire } from "node:module";
import type * as Api from "@duckdb/node-api";

/*
 * The one place that loads @duckdb/node-api. It is CommonJS in some sixty files: required, it takes 100 ms of a core;
 * imported, Node reads every file once more for its exports and takes 240 ms, in each worker again.
 */
const api: typeof Api = createRequire(import.meta.url)("@duckdb/node-api");

export const DuckDBInstance: typeof Api.DuckDBInstance = api.DuckDBInstance;
export const DuckDBDataChunk: typeof Api.DuckDBDataChunk = api.DuckDBDataChunk;
export const FLOAT: typeof Api.FLOAT = api.FLOAT;
export const SMALLINT: typeof Api.SMALLINT = api.SMALLINT;
export const UTINYINT: typeof Api.UTINYINT = api.UTINYINT;
export const VARCHAR: typeof Api.VARCHAR = api.VARCHAR;
