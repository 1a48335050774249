import { openCsv } from "./csv-source.ts";
import { countDistinct, distinctValues } from "./distinct-values.ts";
import { type DuckdbSession, startDuckdb } from "./duckdb-session.ts";
import { type FlowTable, type OpenTable, registerTable } from "./flow-table.ts";
import { withFolderColumns } from "./folder-columns.ts";
import { openNdjson } from "./ndjson-source.ts";
import { openParquet } from "./parquet-source.ts";
import { readTimes } from "./read-times.ts";
import { splitRows } from "./row-ranges.ts";
import { scanColumns } from "./scan.ts";
import { textSql } from "./sql-text.ts";
import { checkGzip, findTableFiles, type TableFile } from "./table-files.ts";
import { blameFile, readerSql, type TableSource } from "./table-source.ts";
import { timeColumn } from "./time-sql.ts";
import { readUnchanged } from "./unchanged-files.ts";

export interface OpenTableOptions {
  /** Threads that read; one a core, where it is absent. */
  readonly threads?: number;
}

/**
 * Opens Parquet (.parquet), CSV (.csv, .tsv) or JSON lines (.ndjson, .jsonl, .json) files, text also with .gz. Each path
 * is a file or a glob (`*`, `?`, `[a-z]`, `**`); a file that exists under exactly that name is that file. What stands in
 * the names of its folders (`day=2025-01-01`) is a column of text. CSV and JSON lines are read through once, so that types, row count and damage are known before anything is computed from them.
 * @throws OddflowError TABLE_NOT_FOUND, TABLE_EMPTY, TABLE_UNREADABLE; USAGE when no path is given
 */
export async function openTable(
  paths: string | readonly string[],
  { threads }: OpenTableOptions = {},
): Promise<FlowTable> {
  const session = await startDuckdb(threads);
  try {
    const files = await findTableFiles(typeof paths === "string" ? [paths] : paths, async (pattern) => {
      const rows = await session.query(`SELECT file FROM glob(${textSql(pattern)})`);
      return rows.map((row) => String(row["file"]));
    });
    return flowTable(
      session,
      files,
      await readUnchanged("open table", files, () => openSource(session, files)),
    );
  } catch (thrown) {
    session.close();
    throw thrown;
  }
}

async function openSource(session: DuckdbSession, files: readonly TableFile[]): Promise<TableSource> {
  const format = files[0]?.format ?? "parquet";
  const openers = { parquet: openParquet, csv: openCsv, ndjson: openNdjson };
  try {
    // CSV is unpacked where its text is looked at.
    for (const file of files) if (file.gzip && file.format !== "csv") await checkGzip(file);
    return withFolderColumns(await openers[format](session, files), files);
  } catch (thrown) {
    const reader = { parquet: "read_parquet", csv: "read_csv", ndjson: "read_json" }[format];
    throw await blameFile("open table", session, files, (some) => readerSql(reader, some, []), thrown);
  }
}

function flowTable(session: DuckdbSession, files: readonly TableFile[], source: TableSource): FlowTable {
  const open: OpenTable = { session, files, source, checkedNumbers: new Set() };
  const read = <T>(work: () => Promise<T>): Promise<T> => readUnchanged("read table", files, work);
  return registerTable(
    {
      paths: files.map((file) => file.path),
      format: files[0]?.format ?? "parquet",
      columns: source.columns.map(({ name, type }) => ({ name, type })),
      rows: source.rows,
      countDistinct: (names, cap) => read(() => countDistinct(open, names, cap)),
      distinctValues: (name, valueType, limit) => read(() => distinctValues(open, name, valueType, limit)),
      timeColumn: () => read(() => timeColumn(open)),
      times: (name) => read(() => readTimes(open, name)),
      ranges: (workers) => read(async () => splitRows(open, workers)),
      scan: (codings, options) => scanColumns(open, codings, options ?? {}),
      useThreads: (threads) => session.useThreads(threads),
      close: () => session.close(),
    },
    open,
  );
}
