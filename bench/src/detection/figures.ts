import {
  detectionAtFalsePositiveRate,
  evaluateScores,
  type FlowLabels,
  type MeanAndDeviation,
  rocAuc,
  rocCurve,
} from "@oddflow/evaluation";

/** What a detector is judged by; each is a share from 0 to 1, and higher is better. */
export const FIGURES = [
  "rocAuc",
  "averagePrecision",
  "foundAt5PercentFalseAlarms",
  "foundAt1PercentFalseAlarms",
  "foundAtTenthPercentFalseAlarms",
  /** Means over the kinds of attacks of which the test part has at least ten; over all attacks where kinds are not known. */
  "kindsRocAuc",
  "kindsFoundAt1PercentFalseAlarms",
] as const;
export type Figure = (typeof FIGURES)[number];

export const FIGURE_TITLES: Readonly<Record<Figure, string>> = {
  rocAuc: "ROC-AUC",
  averagePrecision: "avg precision",
  foundAt5PercentFalseAlarms: "found at 5 %",
  foundAt1PercentFalseAlarms: "found at 1 %",
  foundAtTenthPercentFalseAlarms: "found at 0.1 %",
  kindsRocAuc: "kinds ROC-AUC",
  kindsFoundAt1PercentFalseAlarms: "kinds at 1 %",
};

/** What one detector reached on one split. */
export type Figures = Readonly<Record<Figure, number>>;

/** A kind of fewer attacks says little, and would weigh as much as any other. */
const FEWEST_OF_A_KIND = 10;

/**
 * @param labels of the scored flows
 * @throws Error when one of the classes is absent, OddflowError for a score that is no finite number.
 */
export function figuresOf(scores: Float32Array, labels: FlowLabels): Figures {
  const report = evaluateScores({ scores, isAttack: labels.isAttack });
  const { prAuc } = report;
  if (report.rocAuc === null || prAuc === null) {
    throw new Error("bench: a test part has normal flows only, or attacks only");
  }
  const curve = rocCurve(scores, labels.isAttack);
  const foundAt = (rate: number): number => detectionAtFalsePositiveRate(curve, rate).truePositiveRate;
  const atOnePercent = detectionAtFalsePositiveRate(curve, 0.01).threshold;
  const normals = scores.filter((_, i) => labels.isAttack[i] === 0);
  const kinds = scoresByKind(scores, labels);
  return {
    rocAuc: report.rocAuc,
    averagePrecision: prAuc,
    foundAt5PercentFalseAlarms: foundAt(0.05),
    foundAt1PercentFalseAlarms: foundAt(0.01),
    foundAtTenthPercentFalseAlarms: foundAt(0.001),
    kindsRocAuc: mean(kinds.map((attacks) => rocAucOf(normals, attacks))),
    kindsFoundAt1PercentFalseAlarms: mean(
      kinds.map((attacks) => attacks.filter((score) => score >= atOnePercent).length / attacks.length),
    ),
  };
}

/** Over seeds; there is at least one. */
export function meanAndDeviation(values: readonly number[]): MeanAndDeviation {
  const average = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - average) ** 2, 0);
  return { mean: average, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null };
}

export function overSeeds(runs: readonly Figures[]): Readonly<Record<Figure, MeanAndDeviation>> {
  const of = (figure: Figure): MeanAndDeviation => meanAndDeviation(runs.map((run) => run[figure]));
  return Object.fromEntries(FIGURES.map((figure) => [figure, of(figure)])) as Record<
    Figure,
    MeanAndDeviation
  >;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The scores of each kind's attacks; of all attacks where no kind has enough. */
function scoresByKind(scores: Float32Array, { isAttack, attackTypes }: FlowLabels): Float32Array[] {
  const codes = attackTypes?.codes ?? [];
  const kinds = [...new Set(codes)]
    .map((code) => scores.filter((_, i) => isAttack[i] !== 0 && Object.is(codes[i], code)))
    .filter(({ length }) => length >= FEWEST_OF_A_KIND);
  return kinds.length > 0 ? kinds : [scores.filter((_, i) => isAttack[i] !== 0)];
}

function rocAucOf(normals: Float32Array, attacks: Float32Array): number {
  const scores = new Float32Array(normals.length + attacks.length);
  scores.set(normals);
  scores.set(attacks, normals.length);
  return rocAuc(rocCurve(scores, new Uint8Array(scores.length).fill(1, normals.length)));
}
