/** How much is compared. */
export interface Scale {
  /** Whether what it took is worth saying. */
  readonly isTimed: boolean;
  /** Flows of a table and of a pipe. */
  readonly flows: number;
  readonly fewFlows: number;
  readonly batches: readonly number[];
  /** Rounds of what takes seconds, of what takes less, and of whole trainings. */
  readonly rounds: number;
  readonly shortRounds: number;
  readonly trainings: number;
  readonly secondsOfLoad: number;
  /** Of the detectors that score: speed does not depend on how well they were trained. */
  readonly detectorOptions: readonly string[];
  /** Of the training that is timed. */
  readonly trainingOptions: readonly string[];
}

export const WHOLE: Scale = {
  isTimed: true,
  flows: 300_000,
  fewFlows: 10_000,
  batches: [1, 256, 4096, 65_536],
  rounds: 5,
  shortRounds: 11,
  trainings: 3,
  secondsOfLoad: 4,
  detectorOptions: ["--epochs", "3"],
  trainingOptions: [],
};

/** Enough for wrong results to be found: all is run and looked at, and what it took means nothing. */
export const TINY: Scale = {
  isTimed: false,
  flows: 3000,
  fewFlows: 1000,
  batches: [1, 256],
  rounds: 1,
  shortRounds: 1,
  trainings: 1,
  secondsOfLoad: 1,
  detectorOptions: ["--subset", "4000", "--epochs", "1"],
  trainingOptions: ["--subset", "4000", "--epochs", "1"],
};
