import { openCsv } from "./csv-source.ts";
import { countDistinct, distinctValues } from "./distinct-values.ts";
import { type DuckdbSession, startDuckdb } from "./duckdb-session.ts";
import { type FlowTable, type OpenTable, registerTable } from "./flow-table.ts";
import { withFolderColumns } from "./folder-columns.ts";
import { openNdjson } from "./ndjson-source.ts";
import { openParquet } from "./parquet-source.ts";
import { readTimes } from "./read-times.ts";
import { rowRanges } from "./row-ranges.ts";
import { scanColumns } from "./scan.ts";
import { textSql } from "./sql-text.ts";
import { expandPaths, findTableFiles, type TableFile } from "./table-files.ts";
import { blameFile, readerSql, type TableSource } from "./table-source.ts";
import { timeColumn } from "./time-sql.ts";
import { readUnchanged } from "./unchanged-files.ts";
import { checkPacking } from "./unpack.ts";

/** How a table is opened. */
export interface OpenTableOptions {
  /** Threads that read; one a core, where it is absent. */
  readonly threads?: number;
  /** What the files hold, of `SOURCE_FORMATS`; told by their names and first bytes, where it is absent. */
  readonly from?: string | undefined;
  /** Ends the opening. */
  readonly signal?: AbortSignal | undefined;
  /** What goes with the table when that is closed: copies of files that were fetched. */
  readonly copies?: { close(): void } | undefined;
}

/**
 * Opens Parquet (.parquet), CSV (.csv, .tsv) or JSON lines (.ndjson, .jsonl, .json) files, text also with .gz. Each path
 * is a file or a glob (`*`, `?`, `[a-z]`, `**`); a file that exists under exactly that name is that file. What stands in
 * the names of its folders (`day=2025-01-01`) is a column of text. CSV and JSON lines are read through once, so that types, row count and damage are known before anything is computed from them.
 * @throws OddflowError TABLE_NOT_FOUND, TABLE_EMPTY, TABLE_UNREADABLE; USAGE when no path is given; the signal's reason when it is aborted
 */
export async function openTable(
  paths: string | readonly string[],
  { threads, from, signal, copies }: OpenTableOptions = {},
): Promise<FlowTable> {
  const session = await startDuckdb(threads);
  const interrupt = (): void => session.interrupt();
  signal?.addEventListener("abort", interrupt);
  try {
    signal?.throwIfAborted();
    const found = await findTableFiles(typeof paths === "string" ? [paths] : paths, from, globIn(session));
    const files = signal === undefined ? found : found.map((file) => ({ ...file, signal }));
    const source = await readUnchanged("open table", files, () => openSource(session, files, signal));
    signal?.throwIfAborted();
    return flowTable(session, files, source, copies);
  } catch (thrown) {
    session.close();
    signal?.throwIfAborted();
    throw thrown;
  } finally {
    signal?.removeEventListener("abort", interrupt);
  }
}

/**
 * The files that paths name, globs as `openTable` expands them, in their order.
 * @throws OddflowError TABLE_NOT_FOUND, USAGE as `openTable`
 */
export async function findTablePaths(paths: readonly string[]): Promise<readonly string[]> {
  const session = await startDuckdb(1);
  try {
    return await expandPaths(paths, globIn(session));
  } finally {
    session.close();
  }
}

function globIn(session: DuckdbSession): (pattern: string) => Promise<readonly string[]> {
  return async (pattern) => {
    const rows = await session.query(`SELECT file FROM glob(${textSql(pattern)})`);
    return rows.map((row) => String(row["file"]));
  };
}

async function openSource(
  session: DuckdbSession,
  files: readonly TableFile[],
  signal: AbortSignal | undefined,
): Promise<TableSource> {
  const format = files[0]?.format ?? "parquet";
  const openers = { parquet: openParquet, csv: openCsv, ndjson: openNdjson };
  try {
    // CSV and what DuckDB does not unpack is unpacked where it is looked at.
    for (const file of files) {
      if (file.packing === "gzip" && file.isUnpackedByName && file.format !== "csv") await checkPacking(file);
    }
    return withFolderColumns(await openers[format](session, files), files);
  } catch (thrown) {
    signal?.throwIfAborted();
    const reader = { parquet: "read_parquet", csv: "read_csv", ndjson: "read_json" }[format];
    throw await blameFile("open table", session, files, (some) => readerSql(reader, some, []), thrown);
  }
}

function flowTable(
  session: DuckdbSession,
  files: readonly TableFile[],
  source: TableSource,
  copies: OpenTableOptions["copies"],
): FlowTable {
  const open: OpenTable = { session, files, source, checkedNumbers: new Set() };
  const read = <T>(work: () => Promise<T>): Promise<T> => readUnchanged("read table", files, work);
  return registerTable(
    {
      paths: files.map((file) => file.path),
      format: files[0]?.format ?? "parquet",
      columns: source.columns.map(({ name, type }) => ({ name, type })),
      rows: source.rows,
      scoredEnding: scoredEnding(files, source),
      readings: source.readings ?? [],
      countDistinct: (names, cap) => read(() => countDistinct(open, names, cap)),
      distinctValues: (name, valueType, limit) => read(() => distinctValues(open, name, valueType, limit)),
      timeColumn: () => read(() => timeColumn(open)),
      times: (name) => read(async () => (await readTimes(open, name)).times),
      ranges: (workers) => read(async () => rowRanges(open, workers)),
      scan: (codings, options) => scanColumns(open, codings, options ?? {}),
      useThreads: (threads) => session.useThreads(threads),
      close() {
        session.close();
        copies?.close();
      },
    },
    open,
  );
}

function scoredEnding([file]: readonly TableFile[], { rowText }: TableSource): string {
  if (rowText?.form === "zeek") return ".log";
  if (rowText?.delimiter === "\t") return ".tsv";
  return { parquet: ".parquet", csv: ".csv", ndjson: ".ndjson" }[file?.format ?? "parquet"];
}
