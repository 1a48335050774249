import { evaluateScores, type MeanAndDeviation } from "@oddflow/evaluation";
import { FIGURES, type Figure } from "./cases.ts";

/** What one detector reached on one split. */
export type Figures = Readonly<Record<Figure, number>>;

/** @throws Error when one of the classes is absent, OddflowError for a score that is no finite number. */
export function figuresOf(scores: Float32Array, isAttack: Uint8Array): Figures {
  const report = evaluateScores({ scores, isAttack });
  const { rocAuc, detectionAt5PercentFalseAlarms, detectionAt1PercentFalseAlarms } = report;
  if (rocAuc === null || !detectionAt5PercentFalseAlarms || !detectionAt1PercentFalseAlarms) {
    throw new Error("bench: a test part has normal flows only, or attacks only");
  }
  return {
    rocAuc,
    foundAt5PercentFalseAlarms: detectionAt5PercentFalseAlarms.detection,
    foundAt1PercentFalseAlarms: detectionAt1PercentFalseAlarms.detection,
  };
}

/** Over seeds; there is at least one. */
export function meanAndDeviation(values: readonly number[]): MeanAndDeviation {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null };
}

export function overSeeds(runs: readonly Figures[]): Readonly<Record<Figure, MeanAndDeviation>> {
  const of = (figure: Figure): MeanAndDeviation => meanAndDeviation(runs.map((run) => run[figure]));
  return Object.fromEntries(FIGURES.map((figure) => [figure, of(figure)])) as Record<
    Figure,
    MeanAndDeviation
  >;
}
