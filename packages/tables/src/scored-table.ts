import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  FLOAT,
  SMALLINT,
  UTINYINT,
  VARCHAR,
} from "@duckdb/node-api";
import { OddflowError } from "@oddflow/preprocessing";
import { findColumns, tableName } from "./find-columns.ts";
import { type FlowTable, type OpenTable, openTableOf } from "./flow-table.ts";
import { findOutputPlace, type OutputPlace, outputUnwritable } from "./output-place.ts";
import { reasonOf } from "./read-failure.ts";
import { copySql, createScoresSql, outputFormatOf, SCORE_COLUMNS, SCORES } from "./scored-table-sql.ts";
import { changedFile } from "./table-files.ts";
import { blameFile } from "./table-source.ts";
import { writeItems } from "./vector-items.ts";

/** The rows of a DuckDB data chunk. */
const CHUNK_ROWS = 2048;

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

/** Scores of the next rows, in the table's order. */
export interface ScoredBatch {
  /** One for each row. */
  readonly score: Float32Array;
  /** 0 or 1 for each row. */
  readonly isAnomaly: Uint8Array;
  /** The share of usual flows that score as high, 0 to 1, for each row. */
  readonly probability: Float32Array;
  /** `[rows, top.count]`, row-major: positions in `top.names`, most telling first; -1 for none. */
  readonly top?: Int16Array;
  /** JSON text or null for each row. */
  readonly reasons?: readonly (string | null)[];
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
  const { columns } = open.source;
  const format = outputFormatOf(options.path);
  const names = { all: columns.map(({ name }) => name), keys: [...new Set(options.keyColumns)], none: [] }[
    options.columns
  ];
  const wanted = findColumns(columns, names, open.files);
  const isNew = (name: string): boolean => SCORE_COLUMNS.includes(name.toLowerCase());
  const kept = wanted.filter(({ name }) => !isNew(name));

  const place = await findOutputPlace(options.path, open.files);
  try {
    const connection = await open.session.connect();
    const topCount = options.top?.count ?? 0;
    const reasons = options.reasons ?? false;
    await connection.run(createScoresSql(topCount, reasons));
    const { source, files } = open;
    return scoredTableWriter({
      open,
      place,
      connection,
      appender: await connection.createAppender(SCORES, null, "temp"),
      topCount,
      reasons,
      sql: copySql({ source, files, kept, format, top: options.top, reasons, to: place.temporary }),
      replaced: wanted.filter(({ name }) => isNew(name)).map(({ name }) => name),
    });
  } catch (thrown) {
    await place.discard();
    throw thrown;
  }
}

interface WriterParts {
  readonly open: OpenTable;
  readonly place: OutputPlace;
  readonly connection: DuckDBConnection;
  readonly appender: DuckDBAppender;
  readonly topCount: number;
  readonly reasons: boolean;
  readonly sql: string;
  readonly replaced: readonly string[];
}

function scoredTableWriter(parts: WriterParts): ScoredTableWriter {
  const { open, place, connection, appender, topCount, reasons, sql, replaced } = parts;
  let rows = 0;
  let finishing: Promise<void> | undefined;
  let closed = false;
  let aborted = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    appender.closeSync();
    connection.disconnectSync();
    await place.discard();
  };
  const copy = async (): Promise<void> => {
    try {
      if (rows !== open.source.rows) throw rowsDiffer(open, rows);
      appender.flushSync();
      await connection.run(sql).catch(async (thrown: unknown) => {
        throw aborted ? givenUp() : await copyFailure(open, place, thrown);
      });
      if (aborted) throw givenUp();
      // DuckDB fills up with nulls where one side of the join is shorter, so the input must be as it was counted.
      const changed = await changedFile(open.files);
      if (changed !== undefined) throw inputChanged(changed.path);
      await place.take();
    } finally {
      await close();
    }
  };
  return {
    replaced,
    write(batch) {
      appendScores(appender, batch, topCount, reasons);
      rows += batch.score.length;
    },
    finish() {
      finishing ??= copy();
      return finishing;
    },
    async abort() {
      aborted = true;
      if (finishing === undefined) return close();
      connection.interrupt();
      await finishing.catch(() => undefined);
    },
  };
}

function appendScores(
  appender: DuckDBAppender,
  { score, isAnomaly, probability, top, reasons }: ScoredBatch,
  topCount: number,
  withReasons: boolean,
): void {
  const rows = score.length;
  if (isAnomaly.length !== rows || probability.length !== rows || (top?.length ?? 0) !== rows * topCount) {
    throw new Error(
      `write scored table: ${rows} scores came with ${isAnomaly.length} flags, ${probability.length} probabilities and ${top?.length ?? 0} top columns, ` +
        `expected ${rows} and ${rows * topCount}`,
    );
  }
  if ((reasons?.length ?? 0) !== (withReasons ? rows : 0)) {
    throw new Error(`write scored table: ${rows} scores came with ${reasons?.length ?? 0} reasons`);
  }
  const types: DuckDBType[] = [FLOAT, UTINYINT, FLOAT, ...Array.from({ length: topCount }, () => SMALLINT)];
  if (withReasons) types.push(VARCHAR);
  for (let start = 0; start < rows; start += CHUNK_ROWS) {
    const end = Math.min(start + CHUNK_ROWS, rows);
    const chunk = DuckDBDataChunk.create(types, end - start);
    writeItems(chunk, 0, score.subarray(start, end));
    writeItems(chunk, 1, isAnomaly.subarray(start, end));
    writeItems(chunk, 2, probability.subarray(start, end));
    for (let k = 0; k < topCount; k++) {
      const column = new Int16Array(end - start);
      for (let row = start; row < end; row++) column[row - start] = top?.[row * topCount + k] ?? -1;
      writeItems(chunk, 3 + k, column);
    }
    if (withReasons) chunk.setColumnValues(3 + topCount, reasons?.slice(start, end) ?? []);
    appender.appendDataChunk(chunk);
  }
}

async function copyFailure(open: OpenTable, place: OutputPlace, thrown: unknown): Promise<unknown> {
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

function givenUp(): DOMException {
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
