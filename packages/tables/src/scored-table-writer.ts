import type { ScoredRows } from "@oddflow/preprocessing";

/** How a table is written with its scores. */
export interface ScoredTableOptions {
  /** Its extension says the format: .parquet, .csv, .tsv, .ndjson or .jsonl. */
  readonly path: string;
  /** Which of the table's columns come along, before the score. */
  readonly columns: "all" | "keys" | "none";
  /** What "keys" means. */
  readonly keyColumns?: readonly string[];
  /** Adds `top_columns`: up to `count` names for each row, by their position in `names`. */
  readonly top?: { readonly names: readonly string[]; readonly count: number };
  /** Adds `reasons`: JSON for some of the rows. */
  readonly reasons?: boolean;
  /** Adds `alarm_rule` and `alarm_verdict`: what a rule says of some of the rows. */
  readonly rules?: boolean;
}

/** Writes a table again, with scores beside its rows. */
export interface ScoredTableWriter {
  /** Columns of the table that are left out because the new scores take their names. */
  readonly replaced: readonly string[];
  /** What values or types of the table do not come along as they are, in words for people. */
  readonly notes: readonly string[];
  /**
   * Takes the scores of the next rows; the arrays may be used again when it has returned, or its promise is kept.
   * @throws OddflowError OUTPUT_UNWRITABLE, TABLE_UNREADABLE where rows are written as they come
   */
  write(batch: ScoredRows): void | Promise<void>;
  /**
   * Writes the table and puts it in its place.
   * @throws OddflowError OUTPUT_UNWRITABLE; TABLE_UNREADABLE when the input has another number of rows than were scored,
   * or was changed or damaged; an AbortError when `abort` was called. Nothing is left behind then.
   */
  finish(): Promise<void>;
  /** Gives up, also while `finish` is running: nothing is left behind. Harmless after `finish`. */
  abort(): Promise<void>;
}
