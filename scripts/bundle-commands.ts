/**
 * Makes `packages/cli/bundle`: score-batch and its workers in a few files, and the model that ships with them. Node takes
 * 60 ms to find and read the three hundred modules that they are made of, in each process. `pnpm compile` runs it on what
 * tsc built.
 */
import { copyFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { replacePlugin } from "rolldown/plugins";

const cli = fileURLToPath(new URL("../../packages/cli", import.meta.url));
const model = fileURLToPath(new URL("../../fixtures/unsw-nb15.onnx", import.meta.url));

await build({
  input: {
    "score-batch": `${cli}/dist/score-batch.js`,
    "score-worker": `${cli}/dist/score-worker.js`,
  },
  platform: "node",
  // These find their libraries beside their own files.
  external: ["onnxruntime-node", "@duckdb/node-bindings"],
  // What is required instead of imported (packages/tables/src/duckdb-api.ts says why) belongs to the bundle as well.
  plugins: [replacePlugin({ "createRequire(import.meta.url)(": "require(" }, { delimiters: ["", ""] })],
  logLevel: "warn",
  output: { dir: `${cli}/bundle`, cleanDir: true, chunkFileNames: "[name].js" },
});

copyFileSync(model, `${cli}/bundle/unsw-nb15.onnx`);
