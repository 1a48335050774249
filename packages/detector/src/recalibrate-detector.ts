import { DEFAULT_BUDGET, thresholdForBudget } from "./alert-budget.ts";
import { summariseColumnErrors } from "./column-errors.ts";
import type { DetectorMetadata, TrainingRecord } from "./detector-metadata.ts";
import { FlowCounter } from "./flow-counter.ts";
import { type PopulationShift, populationShift } from "./population-stability.ts";
import { recalibrateScores } from "./recalibrate-scores.ts";
import { scoreProfile } from "./score-profile.ts";
import type { ScoreDistribution, Thresholds } from "./thresholds.ts";

/** How far a model's scores have moved on recent flows, and what new thresholds come of them. */
export interface Recalibration {
  readonly flows: number;
  readonly median: { readonly before: number; readonly now: number };
  /** The threshold for 1 %. */
  readonly threshold: { readonly before: number; readonly now: number };
  /** The share of the recent flows that reach the threshold for 1 % that the model was trained with. */
  readonly shareOverTrained: number;
  readonly score: PopulationShift;
  /** The share of the recent flows that was left out as attacks. */
  readonly leftOut: number;
  /** Values that were missing, and by column the categories that the model does not know. */
  readonly missing: number;
  readonly unseen: Readonly<Record<string, number>>;
  /** A threshold that was chosen on labels of former flows says nothing of recent ones. */
  readonly youdenDropped: boolean;
}

/** The flows of a table as a model sees them. */
export interface RecentFlows {
  readonly scores: Float32Array;
  /** How many of them reach `trainedThreshold`. */
  readonly overTrained: number;
  /** Row-major `[rows, columns]` of every `every`th flow; empty when they were not asked for. */
  readonly errors: Float32Array;
  readonly every: number;
  /** SHA-256 over the column codings (JSON) and the encoded flows. */
  readonly sha256: string;
  /** Values that were missing, and by column the categories that the model does not know. */
  readonly quality: { readonly missing: number; readonly unseen: ReadonlyMap<string, number> };
}

/** Sets a model's thresholds anew. `leftOut` is as in `recalibrateScores`. */
export function recalibrate(
  { thresholds, training, spec }: DetectorMetadata,
  recent: RecentFlows,
  leftOut: number | undefined,
): { readonly thresholds: Thresholds; readonly training: TrainingRecord; readonly report: Recalibration } {
  const { scores, errors, sha256, overTrained, quality } = recent;
  const former = thresholds.heldBack;
  const renewed = recalibrateScores(scores, former, leftOut);
  const heldBack = renewed.distribution;
  const counter = new FlowCounter(scoreProfile(former));
  counter.add(scores);
  const before = thresholdForBudget(former, DEFAULT_BUDGET);
  const now = thresholdForBudget(heldBack, DEFAULT_BUDGET);
  const report: Recalibration = {
    flows: scores.length,
    missing: quality.missing,
    unseen: Object.fromEntries(quality.unseen),
    median: { before: thresholdForBudget(former, 0.5), now: thresholdForBudget(heldBack, 0.5) },
    threshold: { before, now },
    shareOverTrained: overTrained / scores.length,
    score: populationShift(
      scoreProfile(former).columns[0]?.counts ?? [],
      counter.profile.columns[0]?.counts ?? [],
    ),
    leftOut: renewed.leftOut,
    youdenDropped: thresholds.youden !== undefined,
  };
  const columnErrors =
    errors.length === 0
      ? {}
      : {
          columnErrors: summariseColumnErrors(
            usualErrors(recent, heldBack, spec.columns.length),
            spec.columns.length,
          ),
        };
  return {
    thresholds: { heldBack, ...columnErrors },
    training: {
      ...training,
      recalibration: {
        data: { sha256, rows: scores.length },
        leftOut: renewed.leftOut,
        trainedThreshold: trainedThreshold({ thresholds, training }),
      },
    },
    report,
  };
}

/** The threshold for 1 % that training set, also where the model has been recalibrated since: many small steps are a long way. */
export function trainedThreshold({
  thresholds,
  training: { recalibration },
}: Pick<DetectorMetadata, "thresholds" | "training">): number {
  const isRecord = typeof recalibration === "object" && recalibration !== null;
  const trained =
    isRecord && "trainedThreshold" in recalibration ? recalibration.trainedThreshold : undefined;
  if (typeof trained === "number" && Number.isFinite(trained)) return trained;
  return thresholdForBudget(thresholds.heldBack, DEFAULT_BUDGET);
}

/** The errors of the flows that were not left out, row-major. */
function usualErrors(
  { scores, errors, every }: RecentFlows,
  { scores: quantiles }: ScoreDistribution,
  width: number,
): Float32Array {
  const highest = quantiles[quantiles.length - 1] ?? 0;
  const usual = new Float32Array(errors.length);
  let filled = 0;
  for (let row = 0; row * width < errors.length; row++) {
    if ((scores[row * every] as number) > highest) continue;
    usual.set(errors.subarray(row * width, (row + 1) * width), filled);
    filled += width;
  }
  return usual.subarray(0, filled);
}
