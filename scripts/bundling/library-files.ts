import type { Plugin } from "rolldown";
import { replacePlugin } from "rolldown/plugins";

/**
 * What is required instead of imported (packages/tables/src/duckdb-api.ts says why) belongs to a bundle as well. onnxruntime-node's
 * JavaScript does so, too: some twenty files, a third of the time that Node takes to load it. Its library stays where it is, and
 * is looked up from the bundle instead of from the file that is no longer there.
 */
export const libraryFiles: Plugin = replacePlugin(
  {
    "createRequire(import.meta.url)(": "require(",
    "require(`../bin/napi-v6/": "require(`onnxruntime-node/bin/napi-v6/",
  },
  { delimiters: ["", ""] },
);
