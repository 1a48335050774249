import type { AttackTypeDetection, AttackTypeShare } from "./attack-types.ts";
import type { ClassificationReport, ConfusionMatrix } from "./classification.ts";
import type { ScoreSpread } from "./score-spread.ts";

/**
 * How well scores tell attacks from normal flows. Plain JSON: a figure that these flows cannot give, because one of the
 * classes is absent, is null; rates and shares are 0 to 1; a flow is an anomaly when its score is at or above the
 * threshold.
 */
export interface EvaluationReport {
  readonly rows: number;
  readonly labels: { readonly normal: LabelShare; readonly attack: LabelShare };
  /** The most frequent first; null when no types were given. */
  readonly attackTypes: readonly AttackTypeShare[] | null;
  readonly rocAuc: number | null;
  /** Average precision. */
  readonly prAuc: number | null;
  /** null when none was given and, with one class alone, none can be chosen. */
  readonly threshold: EvaluationThreshold | null;
  readonly scores: {
    readonly normal: ScoreSpread | null;
    readonly attack: ScoreSpread | null;
    /** Mean score of the attacks over that of normal flows; null when the latter is 0, too. */
    readonly ratio: number | null;
  };
  /** At the threshold; null without one. */
  readonly classification: ClassificationReport | null;
  /** At the threshold; null without one. */
  readonly confusion: ConfusionMatrix | null;
  readonly detectionAt1PercentFalseAlarms: FalseAlarmDetection | null;
  readonly detectionAt5PercentFalseAlarms: FalseAlarmDetection | null;
  /** The types that some attack is of, the most frequent first; null when no types were given. */
  readonly detectionByAttackType: readonly AttackTypeDetection[] | null;
}

/** How many flows have a label, and their share of all, 0 to 1. */
export interface LabelShare {
  readonly flows: number;
  readonly share: number;
}

/** The threshold that an evaluation's figures are at. */
export interface EvaluationThreshold {
  /** null stands for Infinity: above every score, so that no flow is an anomaly. */
  readonly value: number | null;
  /** "these flows": the best Youden J on the flows evaluated. "other flows": the caller gave it. */
  readonly chosenOn: "these flows" | "other flows";
  /** True minus false positive rate at the threshold, on these flows. */
  readonly youdenJ: number | null;
}

/** The largest detection that keeps false alarms at or under a limit. */
export interface FalseAlarmDetection {
  /** Share of the attacks that are detected. */
  readonly detection: number;
  /** Share of the normal flows that are flagged, which ties may hold well under the limit. */
  readonly falseAlarms: number;
  /** null stands for Infinity: the limit lets nothing be flagged. */
  readonly threshold: number | null;
}
