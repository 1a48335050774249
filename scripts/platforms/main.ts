/**
 * Scores flows in other platforms with models that `oddflow export` made, and holds the scores against score-batch's.
 * Exits with 1 where a platform differs. One that cannot be had is skipped by name.
 *
 * `pnpm check:platforms [PLATFORM [FLOWS.parquet]]`: those whose names begin so, with other flows than the fixture's, such as
 * `pnpm make-flows` makes. Their speed is said, from a program's start to its end.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram } from "../programs/run-program.ts";
import { type Difference, FlowFiles } from "./flow-files.ts";
import { listPlatforms, type Platform } from "./platforms.ts";

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

const [wanted = "", table = join(root, "fixtures", "flows.parquet")] = process.argv.slice(2);

let files: FlowFiles | undefined;
try {
  for (const rank of ["1", "2"]) {
    oddflow("export", model, "--rank", rank, "-o", join(folder, `rank-${rank}.onnx`));
  }
  for (const platform of ["mlflow", "spark"]) {
    oddflow("export", model, "--for", platform, "-o", join(folder, platform));
  }
  const platforms = wantedPlatforms();
  const hasText = platforms.some(({ readsText }) => readsText);
  files = await FlowFiles.open(table, folder, hasText);
  await comparePlatforms(platforms, files);
} finally {
  files?.close();
  rmSync(folder, { recursive: true, force: true });
}

/** @throws Error where there is none */
function wantedPlatforms(): readonly Platform[] {
  const all = listPlatforms({ sources: join(root, "scripts", "platforms"), inputs: folder, cache });
  const found = all.filter(({ name }) => name.toLowerCase().startsWith(wanted.toLowerCase()));
  if (found.length > 0) return found;
  const names = all.map(({ name }) => name).join(", ");
  throw new Error(`check:platforms: no platform's name begins with ${wanted}; there are ${names}`);
}

async function comparePlatforms(platforms: readonly Platform[], files: FlowFiles): Promise<void> {
  const began = performance.now();
  oddflow("score", ...files.tables, "-m", model, "-o", files.expected);
  console.log(`score-batch: ${speed(files, began)}`);
  for (const [i, platform] of platforms.entries()) {
    try {
      platform.prepare();
    } catch (error) {
      console.log(`${platform.name}: SKIPPED, it cannot be had here: ${lastLine(error)}`);
      continue;
    }
    const scores = join(folder, `scores-${i}`);
    const start = performance.now();
    const versions = platform.score(scores).trim();
    const took = speed(files, start);
    const difference = await files.compare(scores, TOLERANCE);
    const isAlike =
      difference.flows === files.flows && difference.score <= TOLERANCE && difference.verdicts === 0;
    console.log(
      `${platform.name}: ${isAlike ? "agrees" : "DIFFERS"}, ${describe(difference)}, ${took} (${versions})`,
    );
    if (!isAlike) process.exitCode = 1;
  }
}

function describe({ flows, score, probability, verdicts }: Difference): string {
  return (
    `${flows.toLocaleString("en")} flows, at most ${score.toExponential(1)} between scores, ` +
    `${probability.toExponential(1)} between probabilities, ${verdicts} other verdicts`
  );
}

function speed({ flows }: FlowFiles, began: number): string {
  const seconds = (performance.now() - began) / 1000;
  return `${seconds.toFixed(1)} s, ${Math.round(flows / seconds).toLocaleString("en")} flows/s`;
}

function lastLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split("\n").at(-1) ?? text;
}
