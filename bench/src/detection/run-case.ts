import type { Split, TrainingEngine } from "@oddflow/trainer";
import { type BudgetResult, measureBudgets } from "./alarm-budgets.ts";
import { readCaseFlows, testLabels } from "./case-flows.ts";
import { type CaseResult, type DetectorResult, type SeedResult, summarise } from "./case-result.ts";
import { type DetectionCase, isOtherTraffic } from "./cases.ts";
import { figuresOf } from "./figures.ts";
import { runOddflow } from "./oddflow.ts";
import type { DetectionOptions } from "./options.ts";
import { type DetectorRun, type PeerVersions, runPeers } from "./peers.ts";
import { measureRecalibration, type RecalibrationResult } from "./recalibration.ts";

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
  /** Where the test part is of other traffic than the training part. */
  readonly recalibration?: RecalibrationResult;
}

/** Runs the detectors on every seed's split, one after the other. */
export async function runCase(
  detectionCase: DetectionCase,
  { seeds, peers, oddflow }: DetectionOptions,
  engine: TrainingEngine,
): Promise<CaseRun> {
  const { name, title, targets } = detectionCase;
  const flows = await readCaseFlows(detectionCase);
  const splits: ReadonlyMap<number, Split> = new Map(seeds.map((seed) => [seed, flows.split(seed)]));
  const ofPeers = peers.length > 0 ? await runPeers(name, flows, splits, peers) : undefined;
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
        ...(isOtherTraffic(detectionCase)
          ? { recalibration: await measureRecalibration(trained, flows, split, seed) }
          : {}),
      });
    }
    const isAttack = testLabels(flows, split);
    const testAttacks = isAttack.reduce((sum, label) => sum + label, 0);
    results.push({
      seed,
      trainingFlows: split.train.length,
      testNormals: isAttack.length - testAttacks,
      testAttacks,
      detectors: runs.map((run) => judge(run, isAttack)),
    });
  }
  const columns = flows.dataset.columns.length;
  return {
    result: { name, title, columns, targets, seeds: results, summary: summarise(results) },
    peerVersions: ofPeers?.versions ?? {},
    thresholds,
  };
}

function judge(run: DetectorRun, isAttack: Uint8Array): DetectorResult {
  if ("skipped" in run) return run;
  const { scores, ...rest } = run;
  return { ...rest, figures: figuresOf(scores, isAttack) };
}
