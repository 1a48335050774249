/**
 * Makes `packages/cli/bundle`: oddflow, score-batch and their workers in a few files, and the model that ships with them. Node
 * takes 60 ms to find and read the three hundred modules that score-batch is made of, in each process, and ten times that for
 * all commands. What a command alone needs is in files that are read when it is named. `pnpm compile` runs it on the sources, when
 * tsc has checked them.
 */
import { copyFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { lazyHelp } from "./bundling/lazy-help.ts";
import { libraryFiles } from "./bundling/library-files.ts";
import { ThirdPartyNotices } from "./bundling/third-party-notices.ts";

const cli = fileURLToPath(new URL("../../packages/cli", import.meta.url));
const trainer = fileURLToPath(new URL("../../packages/trainer", import.meta.url));
const model = fileURLToPath(new URL("../../fixtures/unsw-nb15.onnx", import.meta.url));

const notices = new ThirdPartyNotices();

/**
 * @param programs their names, and the modules that they begin with
 * @param chunks how the names of their other files begin
 */
async function bundle(programs: Readonly<Record<string, string>>, chunks: string): Promise<void> {
  await build({
    input: programs,
    platform: "node",
    // They find their libraries beside their own files.
    external: ["@duckdb/node-bindings", "@platformatic/kafka"],
    plugins: [libraryFiles, lazyHelp, notices.plugin()],
    // From sources: a package's own bundle holds what no command needs, too.
    resolve: { conditionNames: ["@oddflow/source", "node", "import", "default"] },
    logLevel: "warn",
    // The report's document parser has one, in a function that nothing calls.
    checks: { eval: false },
    output: { dir: `${cli}/bundle`, chunkFileNames: `${chunks}[name].js` },
  });
}

rmSync(`${cli}/bundle`, { recursive: true, force: true });
await bundle({ oddflow: `${cli}/src/oddflow.ts` }, "");
// Each by itself: what commands share is in so many files, and large ones, that reading them takes longer than scoring a small
// table, and a thread of a pipe would read the database's.
for (const [program, source] of Object.entries({
  "score-batch": `${cli}/src/score-batch.ts`,
  "score-worker": `${cli}/src/score-worker.ts`,
  "fetch-process": `${cli}/src/fetch-process.ts`,
  "serving-thread": `${cli}/src/serve/serving-thread.ts`,
  "piece-thread": `${cli}/src/pipe/piece-thread.ts`,
  "record-thread": `${cli}/src/stream/record-thread.ts`,
  "network-thread": `${trainer}/src/network-thread.ts`,
})) {
  await bundle({ [program]: source }, `${program}-`);
}
notices.write(`${cli}/bundle`);

copyFileSync(model, `${cli}/bundle/unsw-nb15.onnx`);
