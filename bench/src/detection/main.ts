import { chooseEngine } from "@oddflow/trainer";
import { formatBudgets } from "./alarm-budgets.ts";
import { isOtherTraffic, missingFiles } from "./cases.ts";
import { formatComparison, formatLosses, formatRanks } from "./format-comparison.ts";
import { lossesOf, meanRanks } from "./mean-ranks.ts";
import { readOptions } from "./options.ts";
import type { PeerVersions } from "./peers.ts";
import { formatRecalibrations } from "./recalibration.ts";
import { describeMachine, type SkippedCase, writeResults } from "./results-file.ts";
import { type CaseRun, runTable } from "./run-table.ts";
import { CLEAN } from "./scenarios.ts";
import { formatVerdicts, judgeTargets } from "./targets.ts";

/** `pnpm bench:detection`: Oddflow and its peers on the same splits, a table a case; `--help` lists the options. */
const args = process.argv.slice(2);
const options = await readOptions(args);
const engine = chooseEngine({ engine: "auto", provider: "auto" });
const machine = describeMachine();
const date = new Date().toISOString().slice(0, 10);
print(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`);

const description = `${engine.name}, ${await engine.describe()}`;

const runs: CaseRun[] = [];
const skippedCases: SkippedCase[] = [];
const otherTraffic = new Set(options.tables.filter(isOtherTraffic).map(({ name }) => name));
for (const table of options.tables) {
  const missing = missingFiles(table);
  if (missing.length > 0) {
    skip(table.name, `${missing.join(" and ")} not found`);
    continue;
  }
  for await (const run of runTable(table, options, engine)) {
    if ("unfilled" in run) {
      skip(run.name, run.unfilled);
      continue;
    }
    runs.push(run);
    print(`\n${formatComparison(run.result)}`);
    // After every case, so that a run which is broken off leaves what it had.
    await save();
  }
}

const tested = runs.filter(({ thresholds }) => thresholds.length > 0);
const { clean, contaminated, losses, recalibrated, verdicts } = summary();
if (tested.length > 0) {
  const budgets = tested.map(({ result: { name, table }, thresholds }) => ({
    name,
    seeds: thresholds.map((seed) => seed.budgets),
    otherTraffic: otherTraffic.has(table),
  }));
  print(`\n${formatBudgets(budgets)}`);
  print(`\n${formatRecalibrations(recalibrated)}`);
}
if (clean.length > 1) print(`\n${formatRanks("Mean ranks over the cases with clean training flows", clean)}`);
if (contaminated.length > 1)
  print(`\n${formatRanks("Mean ranks over the cases with attacks among the training flows", contaminated)}`);
if (losses.length > 0) print(`\n${formatLosses(losses)}`);
if (verdicts.length > 0) print(`\n${formatVerdicts(verdicts)}`);

print(`\nEvery figure: ${await save()}`);

function summary() {
  const results = runs.map(({ result }) => result);
  const recalibrated = runs
    .map(({ result: { name }, thresholds }) => ({
      name,
      seeds: thresholds.map(({ recalibration }) => recalibration),
    }))
    .filter(({ seeds }) => seeds.length > 0);
  return {
    clean: meanRanks(results.filter(({ scenario }) => scenario === CLEAN.name)),
    contaminated: meanRanks(results.filter(({ scenario }) => scenario !== CLEAN.name)),
    losses: lossesOf(results, CLEAN.name),
    recalibrated,
    verdicts: judgeTargets(results, recalibrated),
  };
}

function save(): Promise<string> {
  const { clean, contaminated, losses, verdicts } = summary();
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
      meanRanks: { clean, contaminated },
      losses,
      targets: verdicts,
    },
    options.suffix,
  );
}

function skip(name: string, why: string): void {
  skippedCases.push({ name, why });
  print(`\nskipped: ${name}: ${why}`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
