import { OddflowError } from "@oddflow/preprocessing";
import type { ScoreArray } from "./check-scores.ts";
import { countAtThresholds, type ThresholdCounts } from "./threshold-counts.ts";

/**
 * Points of a ROC curve from (0, 0) to (1, 1), as scikit-learn's `roc_curve` with `drop_intermediate=False`: the first
 * threshold is Infinity, which flags nothing, then every distinct score, decreasing.
 * A rate is NaN throughout where its class is absent.
 */
export interface RocCurve {
  /** Share of the normal flows with a score at or above the threshold. */
  readonly falsePositiveRate: Float64Array;
  /** Share of the attacks with a score at or above the threshold. */
  readonly truePositiveRate: Float64Array;
  readonly thresholds: Float64Array;
}

/** A point of a ROC curve. A flow is an anomaly when its score is at or above the threshold; Infinity flags none. */
export interface RocPoint {
  readonly threshold: number;
  readonly truePositiveRate: number;
  readonly falsePositiveRate: number;
}

/**
 * The ROC curve of finite scores, one label per score; a label other than 0 is an attack.
 * Throws OddflowError FLOWS_SHAPE on a NaN or infinite score or differing lengths, TOO_FEW_FLOWS on no flows.
 */
export function rocCurve(scores: ScoreArray, isAttack: Uint8Array): RocCurve {
  return rocCurveOfCounts(countAtThresholds(scores, isAttack));
}

export function rocCurveOfCounts(counts: ThresholdCounts): RocCurve {
  const points = counts.thresholds.length + 1;
  const falsePositiveRate = new Float64Array(points);
  const truePositiveRate = new Float64Array(points);
  const thresholds = new Float64Array(points);
  falsePositiveRate[0] = 0 / counts.normals;
  truePositiveRate[0] = 0 / counts.attacks;
  thresholds[0] = Number.POSITIVE_INFINITY;
  thresholds.set(counts.thresholds, 1);
  for (let point = 1; point < points; point++) {
    falsePositiveRate[point] = (counts.falsePositives[point - 1] ?? 0) / counts.normals;
    truePositiveRate[point] = (counts.truePositives[point - 1] ?? 0) / counts.attacks;
  }
  return { falsePositiveRate, truePositiveRate, thresholds };
}

/** Area under the ROC curve by the trapezoidal rule, ties counted half; NaN when a class is absent. */
export function rocAuc({ falsePositiveRate, truePositiveRate }: RocCurve): number {
  let area = 0;
  let lastFalse = falsePositiveRate[0] ?? Number.NaN;
  let lastTrue = truePositiveRate[0] ?? Number.NaN;
  for (let point = 1; point < falsePositiveRate.length; point++) {
    const nextFalse = falsePositiveRate[point] ?? 0;
    const nextTrue = truePositiveRate[point] ?? 0;
    area += ((nextFalse - lastFalse) * (nextTrue + lastTrue)) / 2;
    lastFalse = nextFalse;
    lastTrue = nextTrue;
  }
  return area;
}

/**
 * The point with the largest Youden J (true minus false positive rate); the highest threshold of equals.
 * Its threshold is Infinity when no threshold is better than flagging nothing, and when a class is absent.
 */
export function youdenThreshold(curve: RocCurve): RocPoint {
  let best = 0;
  let bestJ = Number.NEGATIVE_INFINITY;
  for (let point = 0; point < curve.thresholds.length; point++) {
    const j = (curve.truePositiveRate[point] ?? 0) - (curve.falsePositiveRate[point] ?? 0);
    if (j > bestJ) {
      best = point;
      bestJ = j;
    }
  }
  return rocPoint(curve, best);
}

/**
 * The point with the largest true positive rate whose false positive rate is at most `limit` (0 to 1); of equals the
 * one with the fewest false positives. Its threshold is Infinity when the limit lets nothing be detected.
 * Throws OddflowError OPTION_RANGE on a limit outside 0 to 1.
 */
export function detectionAtFalsePositiveRate(curve: RocCurve, limit: number): RocPoint {
  if (!(limit >= 0 && limit <= 1)) {
    throw new OddflowError(
      "OPTION_RANGE",
      `evaluate: the limit of the false positive rate is ${limit}, expected 0 to 1; give 1 % as 0.01`,
    );
  }
  let best = 0;
  for (let point = 1; point < curve.thresholds.length; point++) {
    if (!((curve.falsePositiveRate[point] ?? 0) <= limit)) break;
    if ((curve.truePositiveRate[point] ?? 0) > (curve.truePositiveRate[best] ?? 0)) best = point;
  }
  return rocPoint(curve, best);
}

function rocPoint(curve: RocCurve, point: number): RocPoint {
  return {
    threshold: curve.thresholds[point] ?? Number.POSITIVE_INFINITY,
    truePositiveRate: curve.truePositiveRate[point] ?? Number.NaN,
    falsePositiveRate: curve.falsePositiveRate[point] ?? Number.NaN,
  };
}
