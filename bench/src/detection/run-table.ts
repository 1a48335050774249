import { OddflowError } from "@oddflow/preprocessing";
import type { Split, TrainingEngine } from "@oddflow/trainer";
import { type BudgetResult, measureBudgets } from "./alarm-budgets.ts";
import { type CaseResult, type DetectorResult, type SeedResult, summarise } from "./case-result.ts";
import { caseName, type DetectionTable } from "./cases.ts";
import { figuresOf } from "./figures.ts";
import { runOddflow } from "./oddflow.ts";
import type { DetectionOptions } from "./options.ts";
import { type DetectorRun, type PeerVersions, runPeers } from "./peers.ts";
import { measureRecalibration, type RecalibrationResult } from "./recalibration.ts";
import type { Scenario } from "./scenarios.ts";
import { readTableFlows, type TableFlows, testLabels } from "./table-flows.ts";

export interface CaseRun {
  readonly result: CaseResult;
  readonly peerVersions: PeerVersions;
  /** One a seed; none when Oddflow was not to run. */
  readonly thresholds: readonly ThresholdResult[];
}

/** How well Oddflow's thresholds hold on one seed's test part. */
export interface ThresholdResult {
  readonly seed: number;
  readonly budgets: readonly BudgetResult[];
  readonly recalibration: RecalibrationResult;
}

/** A case that a table does not have the attacks for. */
export interface UnfilledCase {
  readonly name: string;
  readonly unfilled: string;
}

/** Runs the detectors on a table's scenarios, one after the other. */
export async function* runTable(
  table: DetectionTable,
  options: DetectionOptions,
  engine: TrainingEngine,
): AsyncGenerator<CaseRun | UnfilledCase> {
  const flows = await readTableFlows(table);
  for (const scenario of table.scenarios) {
    const splits = splitAll(flows, scenario, options.seeds);
    yield typeof splits === "string"
      ? { name: caseName(table, scenario), unfilled: splits }
      : await runCase({ table, scenario, flows, splits }, options, engine);
  }
}

/** Or why a table cannot fill a scenario. */
function splitAll(
  flows: TableFlows,
  scenario: Scenario,
  seeds: readonly number[],
): ReadonlyMap<number, Split> | string {
  try {
    return new Map(seeds.map((seed) => [seed, flows.split(seed, scenario)]));
  } catch (error) {
    if (error instanceof OddflowError && error.code === "TOO_FEW_FLOWS") return error.message;
    throw error;
  }
}

interface Case {
  readonly table: DetectionTable;
  readonly scenario: Scenario;
  readonly flows: TableFlows;
  readonly splits: ReadonlyMap<number, Split>;
}

async function runCase(
  { table, scenario, flows, splits }: Case,
  { peers, oddflow }: DetectionOptions,
  engine: TrainingEngine,
): Promise<CaseRun> {
  const name = caseName(table, scenario);
  const ofPeers = peers.length > 0 ? await runPeers(table.name, name, flows, splits, peers) : undefined;
  const results: SeedResult[] = [];
  const thresholds: ThresholdResult[] = [];
  for (const [seed, split] of splits) {
    const runs: DetectorRun[] = [...(ofPeers?.bySeed.get(seed) ?? [])];
    if (oddflow) {
      process.stderr.write(`${name} seed-${seed}: oddflow\n`);
      const trained = await runOddflow(flows, split, seed, engine);
      runs.unshift(trained.run);
      thresholds.push({
        seed,
        budgets: await measureBudgets(trained, flows, split),
        recalibration: await measureRecalibration(trained, flows, split, {
          seed,
          inOrder: table.parts === "time",
        }),
      });
    }
    results.push(judgeSeed(seed, flows, split, runs));
  }
  const columns = flows.dataset.columns.length;
  const title = `${table.title}; ${scenario.title}`;
  const targets = table.targets[scenario.name] ?? {};
  return {
    result: {
      name,
      table: table.name,
      scenario: scenario.name,
      title,
      columns,
      targets,
      seeds: results,
      summary: summarise(results),
    },
    peerVersions: ofPeers?.versions ?? {},
    thresholds,
  };
}

function judgeSeed(seed: number, flows: TableFlows, split: Split, runs: readonly DetectorRun[]): SeedResult {
  const labels = testLabels(flows, split);
  const testAttacks = labels.isAttack.reduce((sum, label) => sum + label, 0);
  const attackShare = (rows: Uint32Array): number =>
    rows.filter((row) => flows.dataset.labels.isAttack[row] !== 0).length / rows.length;
  return {
    seed,
    trainingFlows: split.train.length,
    trainingAttacks: attackShare(split.train),
    heldBackAttacks: attackShare(split.validation),
    testNormals: labels.isAttack.length - testAttacks,
    testAttacks,
    detectors: runs.map((run): DetectorResult => {
      if ("skipped" in run) return run;
      const { scores, ...rest } = run;
      return { ...rest, figures: figuresOf(scores, labels) };
    }),
  };
}
