import type { ScoreArray } from "./check-scores.ts";
import { countAtThresholds, type ThresholdCounts } from "./threshold-counts.ts";

/**
 * Points of a precision-recall curve, as scikit-learn's `precision_recall_curve` with `drop_intermediate=False`:
 * `thresholds` are the distinct scores, increasing; `precision` and `recall` have one point more, the last being
 * precision 1 at recall 0. Where no flow is an attack, recall is 1 at every threshold.
 */
export interface PrecisionRecallCurve {
  readonly precision: Float64Array;
  readonly recall: Float64Array;
  readonly thresholds: Float64Array;
}

/**
 * The precision-recall curve of finite scores, one label per score; a label other than 0 is an attack.
 * Throws OddflowError FLOWS_SHAPE on a NaN or infinite score or differing lengths, TOO_FEW_FLOWS on no flows.
 */
export function precisionRecallCurve(scores: ScoreArray, isAttack: Uint8Array): PrecisionRecallCurve {
  return precisionRecallCurveOfCounts(countAtThresholds(scores, isAttack));
}

export function precisionRecallCurveOfCounts(counts: ThresholdCounts): PrecisionRecallCurve {
  const points = counts.thresholds.length;
  const precision = new Float64Array(points + 1);
  const recall = new Float64Array(points + 1);
  precision[points] = 1;
  for (let point = 0; point < points; point++) {
    const truePositives = counts.truePositives[points - 1 - point] ?? 0;
    const falsePositives = counts.falsePositives[points - 1 - point] ?? 0;
    precision[point] = truePositives / (truePositives + falsePositives);
    recall[point] = counts.attacks === 0 ? 1 : truePositives / counts.attacks;
  }
  return { precision, recall, thresholds: counts.thresholds.slice().reverse() };
}

/**
 * Area under the precision-recall curve as a step function, which is scikit-learn's `average_precision_score`:
 * precision summed over the steps in recall. 0 when no flow is an attack.
 */
export function averagePrecision({ precision, recall }: PrecisionRecallCurve): number {
  let sum = 0;
  for (let point = 0; point + 1 < recall.length; point++) {
    sum += ((recall[point] ?? 0) - (recall[point + 1] ?? 0)) * (precision[point] ?? 0);
  }
  // The steps add up to 1, but for their rounding.
  return Math.min(sum, 1);
}
