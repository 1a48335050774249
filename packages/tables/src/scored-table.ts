import type { KeptFields } from "@oddflow/flow-sources";
import { OddflowError, SCORE_COLUMNS } from "@oddflow/preprocessing";
import type { StoredColumn } from "./column-storage.ts";
import { findColumns, tableName } from "./find-columns.ts";
import { type FlowTable, type OpenTable, openTableOf } from "./flow-table.ts";
import { writeScoredLines } from "./json/scored-lines.ts";
import { findOutputPlace, type OutputPlace, outputUnwritable } from "./output-place.ts";
import { PendingScores } from "./pending-scores.ts";
import { reasonOf } from "./read-failure.ts";
import type { ScoredBatch } from "./scored-batch.ts";
import { copySql, isTextFormat, outputFormatOf, scoreObjectsSql } from "./scored-table-sql.ts";
import { changedFile } from "./table-files.ts";
import { blameFile } from "./table-source.ts";

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
}

export interface ScoredTableWriter {
  /** Columns of the table that are left out because the new scores take their names. */
  readonly replaced: readonly string[];
  /** Takes the scores of the next rows; the arrays may be used again afterwards. */
  write(batch: ScoredBatch): void;
  /**
   * Writes the table and puts it in its place.
   * @throws OddflowError OUTPUT_UNWRITABLE; TABLE_UNREADABLE when the input has another number of rows than were scored,
   * or was changed or damaged; an AbortError when `abort` was called. Nothing is left behind then.
   */
  finish(): Promise<void>;
  /** Gives up, also while `finish` is running: nothing is left behind. Harmless after `finish`. */
  abort(): Promise<void>;
}

/**
 * Writes a table's rows, in their order, with `score` (FLOAT), `is_anomaly` (BOOLEAN), `probability` (FLOAT) and, where asked for,
 * `top_columns` (a list of texts; one text, joined with ", ", in CSV) and `reasons` (JSON in JSON lines, its text
 * elsewhere; null where a row has none). Scores wait in DuckDB until `finish`, 9 bytes, 2 for each top column and the
 * reasons' text a row; the file appears whole or not at all. One writer at a time may be at work on a path.
 * @throws OddflowError USAGE (an extension of no known format, the input as output), OUTPUT_UNWRITABLE (the folder is
 * not there or not writable), COLUMNS_MISSING (a key column)
 */
export async function createScoredTableWriter(
  table: FlowTable,
  options: ScoredTableOptions,
): Promise<ScoredTableWriter> {
  const open = openTableOf(table);
  const format = outputFormatOf(options.path);
  const { kept, replaced } = outputColumns(open, options);
  const place = await findOutputPlace(options.path, open.files);
  try {
    const reasons = options.reasons ?? false;
    const { source, files } = open;
    if (isJsonToJson(open, options.path)) {
      const pending = await PendingScores.create(open.session, options.top?.count ?? 0, reasons);
      const objects = scoreObjectsSql({ top: options.top, reasons });
      const write = async (): Promise<void> => {
        const lines = await writeScoredLines(
          files,
          { kept: keptFields(options, kept), areNew: replaced.length === 0 },
          pending.texts(objects),
          place.temporary,
        );
        if (lines !== source.rows) throw rowsDiffer(open, lines);
      };
      return scoredTableWriter(open, place, pending, write, replaced);
    }
    // A CSV that becomes a CSV keeps its text letter for letter: 1.50 stays 1.50.
    const relation = (isTextFormat(format) ? source.textRelation : undefined) ?? source.relation(files);
    const sql = copySql({
      relation,
      kept,
      format,
      top: options.top,
      reasons,
      header: true,
      to: place.temporary,
    });
    const pending = await PendingScores.create(open.session, options.top?.count ?? 0, reasons);
    return scoredTableWriter(open, place, pending, () => pending.write(sql), replaced);
  } catch (thrown) {
    await place.discard();
    throw thrown;
  }
}

function scoredTableWriter(
  open: OpenTable,
  place: OutputPlace,
  pending: PendingScores,
  write: () => Promise<void>,
  replaced: readonly string[],
): ScoredTableWriter {
  let finishing: Promise<void> | undefined;
  let aborted = false;
  const close = async (): Promise<void> => {
    pending.close();
    await place.discard();
  };
  const copy = async (): Promise<void> => {
    try {
      if (pending.rows !== open.source.rows) throw rowsDiffer(open, pending.rows);
      await write().catch(async (thrown: unknown) => {
        throw aborted ? givenUp() : await writeFailure(open, place, thrown);
      });
      if (aborted) throw givenUp();
      // DuckDB fills up with nulls where one side of the join is shorter, so the input must be as it was counted.
      await checkUnchanged(open);
      await place.take();
    } finally {
      await close();
    }
  };
  return {
    replaced,
    write: (batch) => pending.add(batch),
    finish() {
      finishing ??= copy();
      return finishing;
    },
    async abort() {
      aborted = true;
      if (finishing === undefined) return close();
      pending.interrupt();
      await finishing.catch(() => undefined);
    },
  };
}

/** The columns of the table that come along, and those that the new scores take the names of. */
export function outputColumns(
  open: OpenTable,
  { path, columns, keyColumns }: Pick<ScoredTableOptions, "path" | "columns" | "keyColumns">,
): { readonly kept: readonly StoredColumn[]; readonly replaced: readonly string[] } {
  const { source, files } = open;
  const names = { all: source.columns.map(({ name }) => name), keys: [...new Set(keyColumns)], none: [] }[
    columns
  ];
  const wanted = findColumns(source.columns, names, files);
  // A line of JSON keeps names apart that differ in their case.
  const isExact = isJsonToJson(open, path);
  const isNew = (name: string): boolean => SCORE_COLUMNS.includes(isExact ? name : name.toLowerCase());
  return {
    kept: wanted.filter(({ name }) => !isNew(name)),
    replaced: wanted.filter(({ name }) => isNew(name)).map(({ name }) => name),
  };
}

/** Whether records become lines of JSON: then their fields are copied as they are written. */
function isJsonToJson({ files }: OpenTable, path: string): boolean {
  return files[0]?.format === "ndjson" && outputFormatOf(path) === "ndjson";
}

/** The columns that come along, as fields of a record. */
function keptFields({ columns }: ScoredTableOptions, kept: readonly StoredColumn[]): KeptFields {
  return columns === "keys" ? { only: kept.map(({ name }) => name) } : columns;
}

/** Sees that the input is as it was when it was opened. @throws OddflowError TABLE_UNREADABLE */
export async function checkUnchanged({ files }: OpenTable): Promise<void> {
  const changed = await changedFile(files);
  if (changed !== undefined) throw inputChanged(changed.path);
}

/** Says what DuckDB threw while it wrote a scored table, or a part of one, in words for people. */
export async function writeFailure(
  open: OpenTable,
  place: Pick<OutputPlace, "path" | "temporary">,
  thrown: unknown,
): Promise<unknown> {
  const reason = reasonOf(thrown);
  if (/no space left|quota exceeded|file too large/i.test(reason)) {
    return outputUnwritable(place.path, "no space is left; free some or name another folder", thrown);
  }
  if (reason.includes(place.temporary)) return outputUnwritable(place.path, reason, thrown);
  const changed = await changedFile(open.files);
  if (changed !== undefined) return inputChanged(changed.path);
  return blameFile(
    "write scored table",
    open.session,
    open.files,
    (some) => open.source.relation(some),
    thrown,
  );
}

/** What a writer throws when it was told to give up. */
export function givenUp(): DOMException {
  return new DOMException("write scored table: given up", "AbortError");
}

function inputChanged(path: string): OddflowError {
  return new OddflowError(
    "TABLE_UNREADABLE",
    `write scored table: ${path} was changed while it was scored; score it again`,
  );
}

function rowsDiffer(open: OpenTable, rows: number): OddflowError {
  return new OddflowError(
    "TABLE_UNREADABLE",
    `write scored table: ${tableName(open.files)} had ${open.source.rows} rows when it was opened and ${rows} were scored; ` +
      "score it again",
  );
}
