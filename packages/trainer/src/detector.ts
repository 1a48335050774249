import type { FitOptions } from "@oddflow/preprocessing";

/**
 * How flows become features and errors a score. "robust" holds every feature and every column's say within limits;
 * "reference" is the reference notebook's: label codes, plain standardisation, mean squared error.
 */
export type DetectorName = "robust" | "reference";

export const DETECTOR_NAMES: readonly DetectorName[] = ["robust", "reference"];

/** How the error of a column, the sum of its features' squared errors, becomes its part of the score. */
export type ScoreRule =
  /** The mean over the column's features of their squared errors. */
  | { readonly kind: "squared-error" }
  /** ln(1 + error / usual): `usual` is the column's error on the training flows, above 0, one a column. */
  | { readonly kind: "relative-error"; readonly usual: readonly number[] };

/** What each detector does to values before the network sees them. */
export const DETECTOR_PREPROCESSING: Readonly<Record<DetectorName, FitOptions>> = {
  robust: { transform: "signed-log1p", encoding: "one-hot", featureLimit: 5, rareShare: 1e-3 },
  // No limit that a usual flow would meet; without one an absurd value's squared error is no longer a number.
  reference: { transform: "identity", encoding: "label", featureLimit: 1e6 },
};

/** A column whose usual error is nearly 0 would drown all others; none counts as smaller than this part of the mean. */
const SMALLEST_USUAL_ERROR = 0.1;

/**
 * The rule of the robust detector from each column's mean error on the training flows. The logarithm keeps a column that
 * is far off from deciding alone; dividing by the usual error makes columns that are hard to learn count no more than
 * others.
 */
export function relativeErrorRule(meanErrors: Float64Array): ScoreRule {
  const mean = meanErrors.reduce((sum, error) => sum + error, 0) / meanErrors.length;
  const smallest = Math.max(SMALLEST_USUAL_ERROR * mean, 1e-12);
  return { kind: "relative-error", usual: [...meanErrors].map((error) => Math.max(error, smallest)) };
}
