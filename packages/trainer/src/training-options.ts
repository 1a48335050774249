import type { FlowLabels } from "@oddflow/evaluation";
import type { ColumnCoding, FitOptions } from "@oddflow/preprocessing";
import type { Cleaning, DetectorName } from "./detector.ts";
import type { NetworkOptions } from "./network.ts";
import type { Split } from "./split.ts";
import type { Schedule, TrainingProgress } from "./train-network.ts";

/** A flow table in memory, ready to be split and fitted. */
export interface FlowDataset {
  readonly columns: readonly ColumnCoding[];
  /** Row-major `[rows, columns]`, encoded by `columns`. `trainDetector` rewrites its category codes in place. */
  readonly flows: Float32Array;
  readonly labels?: FlowLabels;
}

/**
 * "held-out" fits everything on the training part alone, chooses thresholds on the validation part and touches the
 * test part once. "reference" does as the reference notebook: preprocessing is fitted on all rows, and the threshold
 * is the best one on the test part.
 */
export type Protocol = "held-out" | "reference";

export interface DetectorProgress extends TrainingProgress {
  /** Which of the detector's networks is being trained, from 1. */
  readonly network: number;
  readonly networks: number;
}

export interface TrainDetectorOptions {
  readonly protocol: Protocol;
  readonly seed: number;
  /** A share (up to 1) or a number (above 1) of flows to use, drawn evenly from every kind of traffic; all if absent. */
  readonly subset?: number;
  /** See `SplitOptions`. */
  readonly contamination?: number;
  /** The parts, where they were made already; `subset` and `contamination` are of no meaning then. */
  readonly split?: Split;
  readonly detector: DetectorName;
  /** What is done about attacks among the training flows; of no meaning for the reference detector. */
  readonly clean: Cleaning;
  /** `DETECTOR_PREPROCESSING` has each detector's own. */
  readonly preprocessing: FitOptions;
  readonly network: NetworkOptions;
  readonly schedule: Partial<Schedule>;
  readonly onProgress?: (progress: DetectorProgress) => void;
  readonly signal?: AbortSignal;
}
