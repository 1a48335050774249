import { checkRange, type FitOptions, type OptionRange } from "@oddflow/preprocessing";

/**
 * How flows become features and errors a score. "robust" holds every feature and every column's say within limits, and
 * learns from the usual ones among its training flows too, so that attacks among them do not pass for usual; "reference" is the reference notebook's: label codes,
 * plain standardisation, one network, mean squared error.
 */
export type DetectorName = "robust" | "reference";

export const DETECTOR_NAMES: readonly DetectorName[] = ["robust", "reference"];

/** What each detector does to values before the network sees them. */
export const DETECTOR_PREPROCESSING: Readonly<Record<DetectorName, FitOptions>> = {
  robust: { transform: "signed-log1p", encoding: "one-hot", featureLimit: 5, rareShare: 1e-3 },
  // No limit that a usual flow would meet; without one an absurd value's squared error is no longer a number.
  reference: { transform: "identity", encoding: "label", featureLimit: 1e6 },
};

/**
 * How attacks among the training flows are dealt with, without labels. "auto" trains two more networks on flows that two
 * rules find usual; a share does so with that share of the flows taken for odd at first; "off" trains one network on all.
 */
export type Cleaning = "auto" | "off" | number;

/** A share to take for odd at first. */
export const CLEANING_SHARE: OptionRange = { above: 0, to: 0.5 };

/** @throws OddflowError OPTION_RANGE for a share that cannot be cleaned. */
export function checkCleaning(clean: Cleaning): void {
  if (typeof clean === "number") checkRange("train: the share to clean", clean, CLEANING_SHARE);
}

const FLOWS_TO_SEE = 300_000;
const FEWEST_EPOCHS = 3;
const MOST_EPOCHS = 30;

/** Epochs by the number of training rows. */
export function defaultEpochs(detector: DetectorName, rows: number): number {
  if (detector === "reference") {
    if (rows <= 100_000) return 30;
    return rows <= 500_000 ? 20 : 15;
  }
  // By flows seen: what a network learns late is what is rare, attacks among it.
  return Math.min(MOST_EPOCHS, Math.max(FEWEST_EPOCHS, Math.round(FLOWS_TO_SEE / rows)));
}
