import type { FlowLabels } from "@oddflow/evaluation";
import type { ColumnCoding, ContextSpec, Endpoints, FitOptions, OptionRange } from "@oddflow/preprocessing";
import type { Cleaning, DetectorName } from "./detector.ts";
import type { NetworkOptions } from "./network.ts";
import type { SplitRule } from "./split.ts";
import type { Schedule, TrainingProgress } from "./train-network.ts";

/** A flow table in memory, ready to be split and fitted. */
export interface FlowDataset {
  readonly columns: readonly ColumnCoding[];
  /** Row-major `[rows, columns]`, encoded by `columns`. `trainDetector` rewrites its category codes in place. */
  readonly flows: Float32Array;
  readonly labels?: FlowLabels;
  /** Says that the last columns are the context's. */
  readonly context?: ContextSpec;
  /** Who talks to whom, where that is known. Nothing is learned from it; it tells what comes in bulk from few hosts. */
  readonly endpoints?: Endpoints;
  /** Seconds since 1970, one a flow, NaN where it is missing; needed where the context has the hour of the week. */
  readonly times?: Float64Array;
}

/**
 * "held-out" fits everything on the training part alone, chooses thresholds on the validation part and touches the
 * test part once. "reference" does as the reference notebook: preprocessing is fitted on all rows, and the threshold
 * is the best one on the test part.
 */
export type Protocol = "held-out" | "reference";

/** Every protocol, the default first. */
export const PROTOCOLS: readonly Protocol[] = ["held-out", "reference"];

/** The protocol where nobody names one. */
export const DEFAULT_PROTOCOL: Protocol = "held-out";

/** Of each protocol, where nobody names a detector. */
export const DEFAULT_DETECTOR: Readonly<Record<Protocol, DetectorName>> = {
  "held-out": "robust",
  reference: "reference",
};

/** Which of a table's flows a detector is made and tested with. */
export interface FlowSelection {
  readonly protocol: Protocol;
  /** How many flows to use, within `SUBSET`, drawn evenly from every kind of traffic; all where it is absent. */
  readonly subset?: number | undefined;
  /** See `SplitOptions`. */
  readonly attacksInTraining?: number | undefined;
  /** How the drawn flows are split; as `splitRows` does where it is absent. */
  readonly split?: SplitRule | undefined;
}

/** Which detector is made. */
export interface DetectorOptions {
  readonly name: DetectorName;
  /** What is done about attacks among the training flows; of no meaning for the reference detector. */
  readonly clean: Cleaning;
  /** `DETECTOR_PREPROCESSING` has each detector's own. */
  readonly preprocessing: FitOptions;
  readonly network: NetworkOptions;
  /** What is absent is as in `DEFAULT_SCHEDULE`, and as many epochs as `defaultEpochs` says. */
  readonly schedule: Partial<Schedule>;
}

export interface DetectorProgress extends TrainingProgress {
  /** Which of the detector's networks is being trained, from 1. */
  readonly network: number;
  readonly networks: number;
}

/** How a training runs. */
export interface RunOptions {
  /** Of every random choice, within `SEED`. */
  readonly seed: number;
  readonly onProgress?: ((progress: DetectorProgress) => void) | undefined;
  /** Ends the training after the running step; the best weights so far are kept. */
  readonly signal?: AbortSignal | undefined;
  /** Hears of each thread that is started; what it gives is called when that has ended. */
  readonly onThread?: ThreadListener | undefined;
}

/** A thread that trains. */
export interface TrainingThread {
  /**
   * Ends it as soon as it is in no step, for the process to be ended: when that happens in the middle of one, onnxruntime's binding ends it
   * with a core dump. Whoever waits for the training waits for ever.
   */
  halt(): Promise<void>;
}

/** Hears of a thread when it starts; what it gives back is called when that thread has ended. */
export type ThreadListener = (thread: TrainingThread) => () => void;

/** Of every random choice. */
export const SEED: OptionRange = { whole: true };

/** All that can be chosen of a training. */
export interface TrainingOptions {
  readonly flows: FlowSelection;
  readonly detector: DetectorOptions;
  readonly run: RunOptions;
}
