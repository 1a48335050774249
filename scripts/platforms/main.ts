/**
 * Scores flows in other platforms with models that `oddflow export` made, and holds the scores against score-batch's.
 * Exits with 1 where a platform differs. One that cannot be had is skipped by name.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram } from "../programs/run-program.ts";
import { type Difference, FlowFiles } from "./flow-files.ts";
import { listPlatforms } from "./platforms.ts";

/** Other releases and builds of onnxruntime sum in another order. */
const TOLERANCE = 1e-5;

// The compiled script lies in scripts/dist/platforms.
const root = fileURLToPath(new URL("../../../", import.meta.url));
const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "oddflow", "platforms");
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), "oddflow-platforms-"));
const model = join(root, "fixtures", "unsw-nb15.onnx");
const oddflow = (...args: string[]): string =>
  runProgram(process.execPath, [join(root, "packages/cli/bin/oddflow.js"), ...args], folder);

const files = await FlowFiles.open(join(root, "fixtures", "flows.parquet"), folder);
try {
  for (const rank of ["1", "2"]) {
    oddflow("export", model, "--rank", rank, "-o", join(folder, `rank-${rank}.onnx`));
  }
  for (const platform of ["mlflow", "spark"]) {
    oddflow("export", model, "--for", platform, "-o", join(folder, platform));
  }
  oddflow("score", files.table, "-m", model, "-o", files.expected);
  const platforms = listPlatforms({ sources: join(root, "scripts", "platforms"), inputs: folder, cache });
  for (const [i, platform] of platforms.entries()) {
    try {
      platform.prepare();
    } catch (error) {
      console.log(`${platform.name}: SKIPPED, it cannot be had here: ${lastLine(error)}`);
      continue;
    }
    const scores = join(folder, `scores-${i}`);
    const versions = platform.score(scores).trim();
    const difference = await files.compare(scores, TOLERANCE);
    const isAlike =
      difference.flows === files.flows && difference.score <= TOLERANCE && difference.verdicts === 0;
    console.log(`${platform.name}: ${isAlike ? "agrees" : "DIFFERS"}, ${describe(difference)} (${versions})`);
    if (!isAlike) process.exitCode = 1;
  }
} finally {
  files.close();
  rmSync(folder, { recursive: true, force: true });
}

function describe({ flows, score, probability, verdicts }: Difference): string {
  return (
    `${flows.toLocaleString("en")} flows, at most ${score.toExponential(1)} between scores, ` +
    `${probability.toExponential(1)} between probabilities, ${verdicts} other verdicts`
  );
}

function lastLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split("\n").at(-1) ?? text;
}
