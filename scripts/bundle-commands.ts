/**
 * Makes `packages/cli/bundle`: oddflow, score-batch and their workers in a few files, and the model that ships with them. Node
 * takes 60 ms to find and read the three hundred modules that score-batch is made of, in each process, and ten times that for
 * all commands. What a command alone needs is in files that are read when it is named. `pnpm compile` runs it on what tsc
 * built.
 */
import { copyFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { replacePlugin } from "rolldown/plugins";
import { libraryFiles } from "./bundling/library-files.ts";

const cli = fileURLToPath(new URL("../../packages/cli", import.meta.url));
const trainer = fileURLToPath(new URL("../../packages/trainer", import.meta.url));
const model = fileURLToPath(new URL("../../fixtures/unsw-nb15.onnx", import.meta.url));

/**
 * @param programs their names, and the modules that they begin with
 * @param chunks how the names of files that several programs share begin
 */
async function bundle(programs: Readonly<Record<string, string>>, chunks: string): Promise<void> {
  await build({
    input: programs,
    platform: "node",
    // It finds its library beside its own files.
    external: ["@duckdb/node-bindings"],
    // The trainer's thread stands beside the bundle's other files.
    plugins: [
      libraryFiles,
      replacePlugin({ "../dist/network-thread.js": "./network-thread.js" }, { delimiters: ["", ""] }),
    ],
    // The packages' own bundles hold all of them.
    resolve: { conditionNames: ["@oddflow/source", "node", "import", "default"] },
    logLevel: "warn",
    // The report's document parser has one, in a function that nothing calls.
    checks: { eval: false },
    output: { dir: `${cli}/bundle`, chunkFileNames: `${chunks}[name].js` },
  });
}

rmSync(`${cli}/bundle`, { recursive: true, force: true });
await bundle(
  {
    oddflow: `${cli}/dist/oddflow.js`,
    "serving-thread": `${cli}/dist/serve/serving-thread.js`,
    "piece-thread": `${cli}/dist/pipe/piece-thread.js`,
    "network-thread": `${trainer}/src/network-thread.ts`,
  },
  "",
);
// By themselves: what all commands share is in so many files that reading them takes longer than scoring a small table.
await bundle({ "score-batch": `${cli}/dist/score-batch.js` }, "score-batch-");
await bundle({ "score-worker": `${cli}/dist/score-worker.js` }, "score-worker-");

copyFileSync(model, `${cli}/bundle/unsw-nb15.onnx`);
