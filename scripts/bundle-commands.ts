/**
 * Makes `packages/cli/bundle`: oddflow, score-batch and their workers in a few files, and the model that ships with them. Node
 * takes 60 ms to find and read the three hundred modules that score-batch is made of, in each process, and ten times that for
 * all commands. What a command alone needs is in files that are read when it is named. `pnpm compile` runs it on what tsc
 * built.
 */
import { copyFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { replacePlugin } from "rolldown/plugins";

const cli = fileURLToPath(new URL("../../packages/cli", import.meta.url));
const model = fileURLToPath(new URL("../../fixtures/unsw-nb15.onnx", import.meta.url));

await build({
  input: {
    oddflow: `${cli}/dist/oddflow.js`,
    "score-batch": `${cli}/dist/score-batch.js`,
    "score-worker": `${cli}/dist/score-worker.js`,
    "scoring-thread": `${cli}/dist/threads/scoring-thread.js`,
    "serving-thread": `${cli}/dist/serve/serving-thread.js`,
    "piece-thread": `${cli}/dist/pipe/piece-thread.js`,
  },
  platform: "node",
  // These find their libraries beside their own files.
  external: ["onnxruntime-node", "@duckdb/node-bindings"],
  // What is required instead of imported (packages/tables/src/duckdb-api.ts says why) belongs to the bundle as well.
  plugins: [replacePlugin({ "createRequire(import.meta.url)(": "require(" }, { delimiters: ["", ""] })],
  logLevel: "warn",
  // The report's document parser has one, in a function that nothing calls.
  checks: { eval: false },
  output: { dir: `${cli}/bundle`, cleanDir: true, chunkFileNames: "[name].js" },
});

copyFileSync(model, `${cli}/bundle/unsw-nb15.onnx`);
