import type { ColumnErrorDistribution } from "./column-errors.ts";
import type { ScoreTail } from "./score-tail.ts";

/**
 * How the scores of held-back flows are spread: flows that the network was not trained on, by default all usual ones.
 * `scores[i]` is the score that the share `1 - probabilities[i]` of them lies above.
 */
export interface ScoreDistribution {
  /** How many held-back flows it was taken from. */
  readonly flows: number;
  /** Rising, from 0 to 1. */
  readonly probabilities: readonly number[];
  /** Rising with `probabilities`. */
  readonly scores: readonly number[];
  /** Absent where there were too few held-back flows to fit one. */
  readonly tail?: ScoreTail;
}

/** From which scores thresholds are read. */
export interface Thresholds {
  readonly heldBack: ScoreDistribution;
  /** The score at the best Youden J of labelled flows of the validation part; absent without labels. */
  readonly youden?: number;
  /** How unusual a column's error is; absent in models that say nothing of it. */
  readonly columnErrors?: ColumnErrorDistribution;
}
