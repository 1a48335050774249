import type { Verdict } from "@oddflow/detector";
import { SCORE_COLUMN } from "@oddflow/preprocessing";
import type { FlowColumns } from "../reading/index.ts";

/** A scored table, as an export writes it. */
export interface ScoredExport {
  /** The input's columns, without those of an earlier scoring. */
  readonly table: FlowColumns;
  readonly scores: Float32Array;
  readonly verdict: Verdict;
  /** The share of usual flows that score as high. */
  rarity(score: number): number;
  /** The names of the columns that made a row odd, the most telling first. */
  topColumns(row: number): readonly string[];
}

/** The columns that an export adds: it has no reasons. */
export const ADDED_COLUMNS: readonly string[] = [
  SCORE_COLUMN.score,
  SCORE_COLUMN.isAnomaly,
  SCORE_COLUMN.rarity,
  SCORE_COLUMN.topColumns,
];
