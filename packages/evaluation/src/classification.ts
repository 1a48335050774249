import { OddflowError } from "@oddflow/preprocessing";
import { checkScores, type ScoreArray } from "./check-scores.ts";

/** Flows counted by what they are and what a threshold makes of them; "positive" is an anomaly. */
export interface ConfusionMatrix {
  readonly trueNegatives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly truePositives: number;
}

/** Each of the three rates is 0 where it would divide by zero. */
export interface ClassMetrics {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Flows that the row speaks of: those of the class, or all of them for an average. */
  readonly support: number;
}

/** What scikit-learn's `classification_report` says with `zero_division=0`. */
export interface ClassificationReport {
  readonly normal: ClassMetrics;
  readonly attack: ClassMetrics;
  readonly accuracy: number;
  readonly macroAverage: ClassMetrics;
  /** Averages weighted by support. */
  readonly weightedAverage: ClassMetrics;
}

/**
 * Counts at one threshold: a flow is an anomaly when its score is at or above it, and an attack when its label is
 * not 0. Infinity flags nothing, and so does a 1 in `suppressed`, for flows whose alarm rules take away. Throws OddflowError FLOWS_SHAPE on a NaN or infinite score or differing lengths,
 * TOO_FEW_FLOWS on no flows, OPTION_RANGE on a threshold that is NaN or -Infinity.
 */
export function confusionMatrix(
  scores: ScoreArray,
  isAttack: Uint8Array,
  threshold: number,
  suppressed?: Uint8Array,
): ConfusionMatrix {
  checkScores(scores, isAttack);
  if (!(threshold > Number.NEGATIVE_INFINITY)) {
    throw new OddflowError(
      "OPTION_RANGE",
      `evaluate: the threshold is ${threshold}, expected a number in the unit of the scores, or Infinity to flag nothing`,
    );
  }
  let attacks = 0;
  let falsePositives = 0;
  let truePositives = 0;
  for (let row = 0; row < scores.length; row++) {
    const flagged = (scores[row] ?? 0) >= threshold && suppressed?.[row] !== 1 ? 1 : 0;
    if (isAttack[row] !== 0) {
      attacks++;
      truePositives += flagged;
    } else {
      falsePositives += flagged;
    }
  }
  return {
    trueNegatives: scores.length - attacks - falsePositives,
    falsePositives,
    falseNegatives: attacks - truePositives,
    truePositives,
  };
}

/** Precision, recall, F1 and support of either class, and their averages. */
export function classificationReport(confusion: ConfusionMatrix): ClassificationReport {
  const { trueNegatives, falsePositives, falseNegatives, truePositives } = confusion;
  const normal = classMetrics(trueNegatives, falseNegatives, falsePositives);
  const attack = classMetrics(truePositives, falsePositives, falseNegatives);
  const rows = normal.support + attack.support;
  return {
    normal,
    attack,
    accuracy: ratioOrZero(trueNegatives + truePositives, rows),
    macroAverage: average(normal, attack, 1, 1),
    weightedAverage: average(normal, attack, normal.support, attack.support),
  };
}

/** Of one class: flows rightly given to it, flows wrongly given to it, and its flows given to the other. */
function classMetrics(right: number, wrong: number, missed: number): ClassMetrics {
  return {
    precision: ratioOrZero(right, right + wrong),
    recall: ratioOrZero(right, right + missed),
    f1: ratioOrZero(2 * right, 2 * right + wrong + missed),
    support: right + missed,
  };
}

function average(a: ClassMetrics, b: ClassMetrics, weightA: number, weightB: number): ClassMetrics {
  const weights = weightA + weightB;
  return {
    precision: ratioOrZero(a.precision * weightA + b.precision * weightB, weights),
    recall: ratioOrZero(a.recall * weightA + b.recall * weightB, weights),
    f1: ratioOrZero(a.f1 * weightA + b.f1 * weightB, weights),
    support: a.support + b.support,
  };
}

function ratioOrZero(count: number, whole: number): number {
  return whole === 0 ? 0 : count / whole;
}
