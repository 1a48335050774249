import type { FlowColumns } from "../reading/index.ts";

/** A scored table, as an export writes it. */
export interface ScoredRows {
  /** The input's columns, without those of an earlier scoring. */
  readonly table: FlowColumns;
  readonly scores: Float32Array;
  /** From this score on a flow is an anomaly. */
  readonly threshold: number;
  /** The share of usual flows that score as high. */
  rarity(score: number): number;
  /** The names of the columns that made a row odd, the most telling first. */
  topColumns(row: number): readonly string[];
}

/** The columns that scoring adds, as `score-batch` names them. */
export const SCORE_COLUMNS: readonly string[] = ["score", "is_anomaly", "probability", "top_columns"];

/** Columns that are left out of an export, since the new scores take their names. */
export const REPLACED_COLUMNS: readonly string[] = [...SCORE_COLUMNS, "reasons"];
