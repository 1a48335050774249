/**
 * Runs what a user runs in a network namespace without a route, under strace, each in an empty home: it must reach for
 * nothing beyond loopback, ask for no name, not read the machine's id, and leave no file but its output. That this would be
 * seen is shown by a run with onnxruntime's telemetry switched on. Where there is no such namespace, that is said.
 */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readFlows } from "../conformance/flow-set.ts";
import { listScenarios, type Scenario, scenarioWithTelemetry } from "./scenarios.ts";
import { findNamespace, runWatched, type Watched } from "./watched-run.ts";

/** Every kind of thing that telemetry does, as it is told. */
const TELEMETRY = [
  /^name look-up/,
  /^machine id \/etc\/machine-id/,
  /^left .*Microsoft/,
  /^left tmp\/mat-debug/,
];

// The compiled script lies in scripts/dist/privacy.
const root = fileURLToPath(new URL("../../../", import.meta.url));
// As strace tells it.
const folder = realpathSync(mkdtempSync(join(tmpdir(), "oddflow-privacy-")));
try {
  const namespace = findNamespace();
  if ("reason" in namespace) console.log(`privacy: SKIPPED, because ${namespace.reason}`);
  else process.exitCode = await check(namespace.command);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @returns the exit status */
async function check(namespace: readonly string[]): Promise<number> {
  const table = join(root, "fixtures", "flows.parquet");
  const lines = join(folder, "flows.ndjson");
  writeFileSync(lines, (await readFlows(table, 10)).map((flow) => `${JSON.stringify(flow)}\n`).join(""));
  const places = {
    commands: join(root, "packages", "cli", "bin"),
    programs: fileURLToPath(new URL(".", import.meta.url)),
    model: join(root, "fixtures", "unsw-nb15.onnx"),
    table,
    lines,
  };
  let runs = 0;
  const watch = (scenario: Scenario): Promise<Watched> =>
    runWatched(scenario, namespace, join(folder, `${++runs}`));
  const proof = watch(scenarioWithTelemetry(places));
  const outcomes = await Promise.all(
    listScenarios(places).map(async (scenario) => ({
      ...scenario,
      problems: problemsOf(await watch(scenario)),
    })),
  );
  let failures = 0;
  for (const { name, problems } of outcomes) {
    console.log(problems.length === 0 ? `  ok      ${name}` : `  FAILED  ${name}: ${problems.join("; ")}`);
    if (problems.length > 0) failures++;
  }
  const seen = problemsOf(await proof);
  const unseen = TELEMETRY.filter((pattern) => !seen.some((problem) => pattern.test(problem)));
  if (unseen.length > 0) failures++;
  console.log(
    unseen.length === 0
      ? `  ok      telemetry that is switched on is seen: ${seen.join("; ")}`
      : `  FAILED  telemetry that is switched on is not seen: no ${unseen.join(", no ")}`,
  );
  return failures === 0 ? 0 : 1;
}

function problemsOf({ status, complaint, trespasses, left, missingOutputs }: Watched): string[] {
  return [
    ...(status === 0 ? [] : [`exit status ${status}: ${complaint}`]),
    ...missingOutputs.map((file) => `no ${file}`),
    ...trespasses.map(({ kind, what }) => `${kind} ${what}`),
    ...left.map((file) => `left ${file}`),
  ];
}
