import type { PartTarget, RowRange, ScoredTableOptions, WrittenPart } from "@oddflow/tables";
import type { ScoreTableSummary } from "./score-table.ts";

/** What is the same for all parts of a run. */
export interface ScoringTask {
  /** The table's files. */
  readonly paths: readonly string[];
  readonly output: ScoredTableOptions;
  readonly threshold: number;
  /** As in `ScoreTableOptions`. */
  readonly top: number;
  readonly reasons: number;
  readonly oddest: number;
}

/** Rows for a worker to score and to write. It can go from process to process. */
export interface PartOrder {
  readonly kind: "part";
  readonly task: ScoringTask;
  readonly part: number;
  readonly range: RowRange;
  /** The number of the range's first row in the table, from 0. */
  readonly firstRow: number;
  readonly target: PartTarget;
}

/** What came of an order. */
export interface FinishedPart {
  readonly summary: ScoreTableSummary;
  readonly written: WrittenPart;
}
