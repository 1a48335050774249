/** Names of the columns that scoring adds to a flow's own, in every form of scored flows, in their order. */
export const SCORE_COLUMN = {
  score: "score",
  isAnomaly: "is_anomaly",
  rarity: "probability",
  topColumns: "top_columns",
  reasons: "reasons",
} as const;

/** All of them. */
export const SCORE_COLUMNS: readonly string[] = Object.values(SCORE_COLUMN);

/** Scores of some flows that follow each other, and what they mean: a place of each list for a flow. */
export interface ScoredRows {
  /** Higher is odder. */
  readonly score: Float32Array;
  /** 1 for an anomaly, 0 for none. */
  readonly isAnomaly: Uint8Array;
  /** The share of usual flows that score as high, 0 to 1. */
  readonly rarity: Float64Array;
  /** `[rows, top]`, row-major: the model's columns with the largest errors, by their places, most telling first; -1 for none. */
  readonly top?: Int16Array;
  /** JSON text of an anomaly's reasons, null for a flow that is none. */
  readonly reasons?: readonly (string | null)[];
}
