import type {
  CategoryValueType,
  ColumnBatch,
  ColumnCoding,
  ContextSpec,
  TableColumn,
} from "@oddflow/preprocessing";
import type { CountedContext } from "./context/counted-context.ts";
import type { DuckdbSession } from "./duckdb-session.ts";
import type { TableFile, TableFormat } from "./table-files.ts";
import type { FileReading, TableSource } from "./table-source.ts";

/** Rows of one of a table's files, or all rows of several small ones that follow each other: they can be read on their own. */
export interface RowRange {
  /** The position of the file, or of the first one, in `FlowTable.paths`. */
  readonly file: number;
  /** How many files there are; 1 where it is absent. */
  readonly files?: number;
  /** The first row, from 0, within that file. */
  readonly first: number;
  readonly rows: number;
  /** How many of them each row group has, in order; a range begins and ends anywhere in one. */
  readonly rowGroups: readonly number[];
}

/** What a scan of a table reads. */
export interface ScanOptions {
  /** Reads these rows only. Text columns are not checked then: call `checkColumns` once, on the whole table. */
  readonly range?: RowRange | undefined;
  /**
   * Adds the columns of this context, `contextColumns`, behind those of the codings: of all rows by time, whatever the order in which
   * they are read. For a range it must have been counted.
   */
  readonly context?: ContextSpec | undefined;
  /** Where the context of the range's rows is, as `countContext` gave it. */
  readonly counted?: CountedContext | undefined;
  /** Columns whose values are given as well, as they are. */
  readonly values?: readonly string[] | undefined;
  /** Ends the scan: the next batch is refused with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Flows of a scan. */
export interface ScannedBatch extends ColumnBatch {
  /**
   * A row's value in one of `ScanOptions.values`, by its place there: a text, a number, a bigint or a boolean, of a point of time the
   * seconds since 1970; null where it is missing or is a list or an object. It is made where it is asked for, and costs nothing elsewhere.
   */
  value(row: number, place: number): unknown;
}

/**
 * A table of flows in one or more files, open for reading. Whatever reads its files throws OddflowError TABLE_UNREADABLE where
 * one of them is no longer as it was when the table was opened.
 */
export interface FlowTable {
  /** The files, in the order in which their rows come. */
  readonly paths: readonly string[];
  readonly format: TableFormat;
  /**
   * In the order of the files' columns. Columns are found by their exact names, letter for letter. Several files need not
   * have the same columns: a value that a file lacks is missing.
   */
  readonly columns: readonly TableColumn[];
  /** At least 1. */
  readonly rows: number;
  /** How the name of a scored table ends that is written in the files' own form: `.log` for Zeek's. */
  readonly scoredEnding: string;
  /** What files were taken for whose names do not say it, and what was left out of files. */
  readonly readings: readonly FileReading[];
  /**
   * Counts the distinct values of columns; nulls do not count.
   * @returns for each name its count, or `cap` where there are as many or more
   * @throws OddflowError COLUMNS_MISSING
   */
  countDistinct(names: readonly string[], cap: number): Promise<readonly number[]>;
  /**
   * The vocabulary of a column: its values as a category of this value type tells them apart, without missing ones
   * (and, for numbers, without infinities and text that is no number). Text is sorted by code unit; numbers, in
   * `String(number)` form, by value. Where there are more than `limit`, the `limit` most frequent stay.
   * @throws OddflowError COLUMNS_MISSING, COLUMN_TYPE (nested values; times as numbers)
   */
  distinctValues(name: string, valueType: CategoryValueType, limit: number): Promise<readonly string[]>;
  /**
   * The column that says when a flow was, by its name or its type; undefined where there is none. In a column of text
   * most values must be times.
   */
  timeColumn(): Promise<string | undefined>;
  /**
   * The times of a column in seconds since 1970, in the order of the rows; NaN where a value is missing. Times are dates
   * with or without times, ISO 8601 texts (UTC where they name no offset), or numbers since 1970, whose unit (seconds,
   * or their thousandths, millionths or billionths) is told by their size.
   * @throws OddflowError COLUMNS_MISSING, COLUMN_TYPE (which names the first text that is no time), TABLE_UNREADABLE
   */
  times(name: string): Promise<Float64Array>;
  /**
   * Reads columns as float32 codes, all rows in the order of the files, a few thousand rows at a time; what waits in
   * memory is bounded. The batches' buffers belong to the caller. Text columns that are read as numbers are checked with
   * `checkColumns` before the first batch, unless that was done. Scans may run side by side.
   * @throws OddflowError COLUMNS_MISSING, COLUMN_TYPE, TABLE_UNREADABLE; the signal's reason when it is aborted
   */
  scan(codings: readonly ColumnCoding[], options?: ScanOptions): AsyncIterable<ScannedBatch>;
  /**
   * Cuts the table into ranges that several workers can read side by side, in the table's order and without gaps: large
   * ones, and smaller ones at the end, so that workers end together. Empty where the format allows no such cuts (CSV and
   * JSON lines, a column named file_row_number, or records that are no flows).
   */
  ranges(workers: number): Promise<readonly RowRange[]>;
  /** Reads on so many threads from now on: for scans that run beside other work. */
  useThreads(threads: number): Promise<void>;
  /** Frees what reading took. The table cannot be used after that; closing twice is harmless. */
  close(): void;
}

/** What the functions of this package know of an open table. */
export interface OpenTable {
  readonly session: DuckdbSession;
  readonly files: readonly TableFile[];
  readonly source: TableSource;
  /** The columns of text that are known to hold numbers only. */
  readonly checkedNumbers: Set<string>;
}

const openTables = new WeakMap<FlowTable, OpenTable>();

/** Remembers what is behind a table. */
export function registerTable(table: FlowTable, open: OpenTable): FlowTable {
  openTables.set(table, open);
  return table;
}

/** @throws Error when the table was not made by `openTable`. */
export function openTableOf(table: FlowTable): OpenTable {
  const open = openTables.get(table);
  if (open === undefined) throw new Error("expected a table that openTable made");
  return open;
}
