import { chooseEngine } from "@oddflow/trainer";
import { formatBudgets } from "./alarm-budgets.ts";
import { missingTables } from "./cases.ts";
import { formatComparison } from "./format-comparison.ts";
import { readOptions } from "./options.ts";
import type { PeerVersions } from "./peers.ts";
import { formatRecalibrations } from "./recalibration.ts";
import { type DetectionResults, describeMachine, writeResults } from "./results-file.ts";
import { type CaseRun, runCase } from "./run-case.ts";

/** `pnpm bench:detection`: Oddflow and its peers on the same splits, a table a case; `--help` lists the options. */
const args = process.argv.slice(2);
const options = await readOptions(args);
const engine = chooseEngine({ engine: "auto", provider: "auto" });
const machine = describeMachine();
const date = new Date().toISOString().slice(0, 10);
process.stdout.write(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}\n`);

const description = `${engine.name}, ${await engine.describe()}`;

const runs: CaseRun[] = [];
const skippedCases: DetectionResults["skippedCases"][number][] = [];
for (const detectionCase of options.cases) {
  const missing = missingTables(detectionCase);
  if (missing.length > 0) {
    const why = `${missing.join(" and ")} not found`;
    skippedCases.push({ name: detectionCase.name, why });
    process.stdout.write(`\nskipped: ${detectionCase.name}: ${why}\n`);
    continue;
  }
  const run = await runCase(detectionCase, options, engine);
  runs.push(run);
  process.stdout.write(`\n${formatComparison(run.result)}\n`);
  // After every case, so that a run which is broken off leaves what it had.
  await save();
}

const tested = runs.filter(({ thresholds }) => thresholds.length > 0);
if (tested.length > 0) {
  const budgets = tested.map(({ result: { name }, thresholds }) => ({
    name,
    seeds: thresholds.map((seed) => seed.budgets),
    // Whatever is recalibrated is other traffic.
    otherTraffic: thresholds.some(({ recalibration }) => recalibration !== undefined),
  }));
  process.stdout.write(`\n${formatBudgets(budgets)}\n`);
}
const recalibrated = tested
  .map(({ result: { name }, thresholds }) => ({
    name,
    seeds: thresholds.flatMap(({ recalibration }) => recalibration ?? []),
  }))
  .filter(({ seeds }) => seeds.length > 0);
if (recalibrated.length > 0) process.stdout.write(`\n${formatRecalibrations(recalibrated)}\n`);

process.stdout.write(`\nEvery figure: ${await save()}\n`);

function save(): Promise<string> {
  const peerVersions: PeerVersions = Object.assign({}, ...runs.map((run) => run.peerVersions));
  return writeResults(
    {
      date,
      options: args.join(" "),
      machine,
      engine: description,
      peerVersions,
      cases: runs.map(({ result, thresholds }) => ({ ...result, thresholds })),
      skippedCases,
    },
    options.suffix,
  );
}
