import {
  type AttackTypes,
  attackTypeDistribution,
  checkAttackTypes,
  detectionByAttackType,
} from "./attack-types.ts";
import type { ScoreArray } from "./check-scores.ts";
import { classificationReport, confusionMatrix } from "./classification.ts";
import type { EvaluationReport, FalseAlarmDetection } from "./evaluation-report.ts";
import { averagePrecision, precisionRecallCurveOfCounts } from "./precision-recall-curve.ts";
import {
  detectionAtFalsePositiveRate,
  type RocPoint,
  rocAuc,
  rocCurveOfCounts,
  youdenThreshold,
} from "./roc-curve.ts";
import { scoreSpread } from "./score-spread.ts";
import { countAtThresholds } from "./threshold-counts.ts";

/** Scored flows with what they truly are. */
export interface LabelledScores {
  /** One finite score per flow, higher is odder. */
  readonly scores: ScoreArray;
  /** One label per flow: 0 is normal, anything else an attack. */
  readonly isAttack: Uint8Array;
  readonly attackTypes?: AttackTypes | undefined;
  /** A threshold chosen on other flows; without it the best Youden J on these flows decides. Infinity flags nothing. */
  readonly threshold?: number | undefined;
  /**
   * One per flow: 1 where rules take the alarm away. Figures at the threshold are then of what is left; curves, areas and limits of false
   * alarms are of scores alone, and so is the best Youden J that decides without a threshold.
   */
  readonly suppressed?: Uint8Array | undefined;
}

/**
 * Evaluates scores against labels. Throws OddflowError FLOWS_SHAPE on a NaN or infinite score, a wrong attack-type
 * code or differing lengths, TOO_FEW_FLOWS on no flows, OPTION_RANGE on a threshold that is NaN or -Infinity.
 */
export function evaluateScores({
  scores,
  isAttack,
  attackTypes,
  threshold,
  suppressed,
}: LabelledScores): EvaluationReport {
  const counts = countAtThresholds(scores, isAttack);
  const rows = scores.length;
  if (attackTypes !== undefined) checkAttackTypes(attackTypes, rows);
  const { normals, attacks } = counts;
  const curve = normals > 0 && attacks > 0 ? rocCurveOfCounts(counts) : null;
  const at1Percent = curve && detectionAtFalsePositiveRate(curve, 0.01);
  const at5Percent = curve && detectionAtFalsePositiveRate(curve, 0.05);
  const usedThreshold = threshold ?? (curve && youdenThreshold(curve).threshold);
  const confusion =
    usedThreshold === null ? null : confusionMatrix(scores, isAttack, usedThreshold, suppressed);
  const normal = scoreSpread(scores, isAttack, "normal");
  const attack = scoreSpread(scores, isAttack, "attack");
  return {
    rows,
    labels: {
      normal: { flows: normals, share: normals / rows },
      attack: { flows: attacks, share: attacks / rows },
    },
    attackTypes: attackTypes === undefined ? null : attackTypeDistribution(attackTypes),
    rocAuc: curve && rocAuc(curve),
    prAuc: curve && averagePrecision(precisionRecallCurveOfCounts(counts)),
    threshold: confusion && {
      value: infinityAsNull(usedThreshold),
      chosenOn: threshold === undefined ? "these flows" : "other flows",
      youdenJ: curve && confusion.truePositives / attacks - confusion.falsePositives / normals,
    },
    scores: {
      normal,
      attack,
      ratio: normal === null || attack === null || normal.mean === 0 ? null : attack.mean / normal.mean,
    },
    classification: confusion && classificationReport(confusion),
    confusion,
    detectionAt1PercentFalseAlarms: at1Percent && falseAlarmDetection(at1Percent),
    detectionAt5PercentFalseAlarms: at5Percent && falseAlarmDetection(at5Percent),
    detectionByAttackType:
      attackTypes === undefined
        ? null
        : detectionByAttackType(
            attackTypes,
            scores,
            isAttack,
            {
              atThreshold: usedThreshold,
              at1PercentFalseAlarms: at1Percent?.threshold ?? null,
              at5PercentFalseAlarms: at5Percent?.threshold ?? null,
            },
            suppressed,
          ),
  };
}

function falseAlarmDetection(point: RocPoint): FalseAlarmDetection {
  return {
    detection: point.truePositiveRate,
    falseAlarms: point.falsePositiveRate,
    threshold: infinityAsNull(point.threshold),
  };
}

/** JSON has no infinity. */
function infinityAsNull(threshold: number | null): number | null {
  return threshold === Number.POSITIVE_INFINITY ? null : threshold;
}
