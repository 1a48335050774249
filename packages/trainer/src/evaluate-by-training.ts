import { DEFAULT_BUDGET, thresholdForBudget } from "@oddflow/detector";
import {
  detectionFigures,
  type EvaluatedColumns,
  type EvaluationParts,
  type EvaluationReport,
  evaluateScores,
  type FlowLabels,
  pickLabels,
  type RepeatedEvaluation,
  type SeedEvaluation,
  summariseSeeds,
} from "@oddflow/evaluation";
import { checkRange, type OptionRange } from "@oddflow/preprocessing";
import { dropColumns } from "./drop-columns.ts";
import type { TrainingEngine } from "./engine.ts";
import type { SplitRule } from "./split.ts";
import { type TrainedDetector, trainDetector } from "./train-detector.ts";
import type {
  DetectorOptions,
  DetectorProgress,
  FlowDataset,
  FlowSelection,
  ThreadListener,
} from "./training-options.ts";

/** The flows of an evaluation that trains anew, and how every seed splits them. */
export interface EvaluationPlan {
  readonly dataset: FlowDataset & { readonly labels: FlowLabels };
  readonly parts: EvaluationParts;
  /**
   * The test part is the same whatever is among the training flows, and of a cut by time and of a transfer whatever the
   * seed.
   */
  readonly split: SplitRule;
}

/** More trainings than this are a slip of the finger. */
export const SEEDS: OptionRange = { from: 1, to: 1000, whole: true };

/** How an evaluation is repeated. */
export interface RepeatedEvaluationOptions {
  /** Within `SEEDS`: the seeds are 1 to this. */
  readonly seeds: number;
  /** Everything is done twice where this names columns: with all features, and without these. */
  readonly drop: readonly string[];
  /** Share of usual flows that may raise an alarm; `DEFAULT_BUDGET` if absent. */
  readonly budget?: number | undefined;
  /** Of every seed; the plan has the rule that splits them. */
  readonly flows: Omit<FlowSelection, "split">;
  readonly detector: DetectorOptions;
  readonly signal?: AbortSignal | undefined;
  /** As `RunOptions` has it. */
  readonly onThread?: ThreadListener | undefined;
  /** `run` counts the trainings from 1 to `runs`. */
  readonly onProgress?: (progress: DetectorProgress, run: number, runs: number) => void;
}

/**
 * For every seed trains a detector on a part of a plan's flows and tests it on the others. Labels choose the training
 * flows and judge the result; the threshold of the budget comes from held-back flows without them.
 * @throws OddflowError ROLES_INVALID for a dropped column that is no feature; OPTION_RANGE for a number of seeds; what the splits and
 * `trainDetector` throw;
 * the signal's reason when it is aborted.
 */
export async function evaluateByTraining(
  plan: EvaluationPlan,
  engine: TrainingEngine,
  options: RepeatedEvaluationOptions,
): Promise<RepeatedEvaluation> {
  const { seeds, drop, signal, onThread, onProgress } = options;
  checkRange("evaluate: the number of seeds", seeds, SEEDS);
  const budget = options.budget ?? DEFAULT_BUDGET;
  const columnSets = drop.length === 0 ? [[]] : [[], drop];
  const runs = columnSets.length * seeds;
  let run = 0;
  const columns: EvaluatedColumns[] = [];
  // What cannot be dropped is refused before anything is trained.
  if (drop.length > 0) dropColumns(plan.dataset, drop);
  for (const dropped of columnSets) {
    const dataset = dropColumns(plan.dataset, dropped);
    const evaluations: SeedEvaluation[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      run++;
      const trained = await trainDetector({ ...dataset, flows: dataset.flows.slice() }, engine, {
        flows: { ...options.flows, split: plan.split },
        detector: options.detector,
        run: {
          seed,
          signal,
          onThread,
          onProgress: onProgress && ((progress) => onProgress(progress, run, runs)),
        },
      });
      signal?.throwIfAborted();
      evaluations.push(evaluateSeed({ seed, trained, budget }, plan.dataset.labels));
    }
    columns.push(summariseSeeds(dataset.columns.length, dropped, evaluations));
  }
  return { parts: plan.parts, budget, columns };
}

interface SeedRun {
  readonly seed: number;
  readonly trained: TrainedDetector;
  readonly budget: number;
}

function evaluateSeed({ seed, trained, budget }: SeedRun, labels: FlowLabels): SeedEvaluation {
  const { rows, scores } = trained.test;
  const { train } = trained.split;
  const threshold = thresholdForBudget(trained.thresholds.heldBack, budget);
  const report = evaluateScores({
    scores,
    ...pickLabels(labels, rows),
    threshold,
  });
  return {
    seed,
    trainedOn: train.length,
    contamination: train.filter((row) => labels.isAttack[row] !== 0).length / train.length,
    testedOn: rows.length,
    threshold,
    ...detectionFigures(report),
    attackKinds: attackKindsOf(report),
  };
}

function attackKindsOf({ detectionByAttackType }: EvaluationReport): SeedEvaluation["attackKinds"] {
  return (
    detectionByAttackType?.map(({ name, attacks, atThreshold }) => ({
      name,
      attacks,
      found: atThreshold ?? 0,
    })) ?? null
  );
}
