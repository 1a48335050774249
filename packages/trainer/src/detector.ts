import { checkRange, type FitOptions, type OptionRange } from "@oddflow/preprocessing";
import type { NetworkOptions } from "./network.ts";

/**
 * How flows become features and errors a score. "robust" holds every feature and every column's say within limits, and
 * learns from the usual ones among its training flows, so that attacks among them do not pass for usual; "reference" is the
 * reference notebook's: label codes, plain standardisation, one network, mean squared error.
 */
export type DetectorName = "robust" | "reference";

/** Every detector that can be trained, the default first. */
export const DETECTOR_NAMES: readonly DetectorName[] = ["robust", "reference"];

/** What each detector does to values before the network sees them. */
export const DETECTOR_PREPROCESSING: Readonly<Record<DetectorName, FitOptions>> = {
  robust: { transform: "signed-log1p", encoding: "one-hot", featureLimit: 5, rareShare: 1e-3 },
  // No limit that a usual flow would meet; without one an absurd value's squared error is no longer a number.
  reference: { transform: "identity", encoding: "label", featureLimit: 1e6 },
};

/**
 * Each detector's own network. What flows have in common is learned by a small one as well, for an eighth of the work: the README's
 * figures are the small one's.
 */
export const DETECTOR_NETWORK: Readonly<Record<DetectorName, NetworkOptions>> = {
  robust: { hidden: [64, 32], latent: 8, dropout: [0.1, 0.1] },
  reference: { hidden: [256, 128, 64], latent: 16, dropout: [0.3, 0.2, 0.2] },
};

/** The rates of so many hidden layers where nobody names them: the detector's own, further layers with its last one. */
export function defaultDropout(detector: DetectorName, hiddenLayers: number): number[] {
  const { dropout } = DETECTOR_NETWORK[detector];
  return Array.from(
    { length: hiddenLayers },
    (_, layer) => dropout[Math.min(layer, dropout.length - 1)] ?? 0,
  );
}

/**
 * How attacks among the training flows are dealt with, without labels (see `findUsualFlows`). "auto" finds out how many flows are
 * left out; a share is what is taken for odd at first; "off" trains one network on all flows.
 */
export type Cleaning = "auto" | "off" | number;

/** What is done about attacks among the training flows, where nobody says. */
export const DEFAULT_CLEANING: Cleaning = "auto";

/** A share to take for odd at first. */
export const CLEANING_SHARE: OptionRange = { above: 0, to: 0.5 };

/** @throws OddflowError OPTION_RANGE for a share that cannot be cleaned. */
export function checkCleaning(clean: Cleaning): void {
  if (typeof clean === "number") checkRange("train: the share to clean", clean, CLEANING_SHARE);
}

const FLOWS_TO_SEE = 200_000;
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
