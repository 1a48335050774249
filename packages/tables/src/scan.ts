import type { DuckDBConnection, DuckDBResult } from "@duckdb/node-api";
import { type ColumnCoding, contextColumns, OddflowError } from "@oddflow/preprocessing";
import { type ReadColumns, readCells } from "./cell-text.ts";
import { checkOpenTable } from "./check-columns.ts";
import { codingSql, valueSql } from "./coding-sql.ts";
import { type ContextRows, contextFromMemory, openContextRows } from "./context/context-rows.ts";
import { readCountedContext } from "./context/counted-context.ts";
import { findColumns, tableName } from "./find-columns.ts";
import type { OpenTable, RowRange, ScannedBatch, ScanOptions } from "./flow-table.ts";
import { anyRangeRelation, filesOf, rangeValues } from "./row-ranges.ts";
import { blameFile, failureOf } from "./table-source.ts";
import { checkUnchanged } from "./unchanged-files.ts";
import { floatItems } from "./vector-items.ts";

/** `FlowTable.scan`. */
export function scanColumns(
  open: OpenTable,
  codings: readonly ColumnCoding[],
  options: ScanOptions,
): AsyncGenerator<ScannedBatch, void, undefined> {
  const { signal, range, context, counted } = options;
  if (context === undefined) return scanOwnColumns(open, codings, options);
  return scanWithContext(open, codings, options, async () => {
    if (range === undefined) return openContextRows(open, context, signal);
    if (counted === undefined) throw new Error("scan: the context of a range's rows has not been counted");
    const width = contextColumns(context).length;
    return contextFromMemory(readCountedContext(counted, range.rows, width), width);
  });
}

async function* scanWithContext(
  open: OpenTable,
  codings: readonly ColumnCoding[],
  options: ScanOptions,
  openContext: () => Promise<ContextRows>,
): AsyncGenerator<ScannedBatch, void, undefined> {
  const context = await openContext();
  try {
    for await (const batch of scanOwnColumns(open, codings, options)) {
      const { rows, columns, value } = batch;
      yield { rows, columns: [...columns, ...(await context.next(rows))], value };
    }
  } finally {
    context.close();
  }
}

async function* scanOwnColumns(
  open: OpenTable,
  codings: readonly ColumnCoding[],
  { range, signal, values = [] }: ScanOptions,
): AsyncGenerator<ScannedBatch, void, undefined> {
  signal?.throwIfAborted();
  const { session, source, files } = open;
  const names = codings.map(({ name }) => name);
  const read = range
    ? readCells(source, findColumns(source.columns, names, files), codings)
    : await checkOpenTable(open, codings);
  const expressions = read.columns.map((column, index) => codingSql(codings[index] as ColumnCoding, column));
  const own = findColumns(source.columns, values, files);
  // As a coding has it read, where one does.
  expressions.push(
    ...own.map((column) => valueSql(read.columns.find(({ name }) => name === column.name) ?? column)),
  );
  const expected = range?.rows ?? source.rows;
  let query: CodesQuery | undefined;
  const stop = (): void => query?.connection.interrupt();
  signal?.addEventListener("abort", stop);
  let isRead = false;
  try {
    query = await (range ? rangeQuery(open, expressions, range) : wholeQuery(open, expressions, read));
    let rows = 0;
    for await (const batch of streamBatches(await query.run(), codings.length)) {
      signal?.throwIfAborted();
      rows += batch.rows;
      // Whoever reads has room for the rows that were counted.
      if (rows > expected) throw await shortScan(open, rows, expected);
      yield batch;
    }
    signal?.throwIfAborted();
    // DuckDB's stream ends in the same way whether the rows or its luck ran out.
    if (rows !== expected) throw await shortScan(open, rows, expected);
    await checkUnchanged("read table", range ? filesOf(open, range) : files);
    isRead = true;
  } catch (thrown) {
    signal?.throwIfAborted();
    throw await blameFile("read table", session, files, (some) => source.relation(some), thrown);
  } finally {
    signal?.removeEventListener("abort", stop);
    query?.end(isRead);
  }
}

/** A query that gives a table's codes. */
interface CodesQuery {
  readonly connection: DuckDBConnection;
  run(): Promise<DuckDBResult>;
  /** @param isRead whether its result was read to the end */
  end(isRead: boolean): void;
}

async function wholeQuery(
  { session, files }: OpenTable,
  expressions: readonly string[],
  read: ReadColumns,
): Promise<CodesQuery> {
  const connection = await session.connect();
  return {
    connection,
    run: () => connection.stream(`SELECT ${expressions.join(", ")} FROM ${read.relation(files)}`),
    end() {
      connection.interrupt();
      connection.disconnectSync();
    },
  };
}

/** Ranges are many, and planning such a query takes a tenth of what reading one takes: all of a file share one plan. */
async function rangeQuery(
  open: OpenTable,
  expressions: readonly string[],
  range: RowRange,
): Promise<CodesQuery> {
  const relation = await anyRangeRelation(open, range);
  const query = await open.session.prepare(`SELECT ${expressions.join(", ")} FROM ${relation}`);
  return {
    connection: query.connection,
    run() {
      for (const [k, value] of rangeValues(range).entries()) query.statement.bindBigInt(k + 1, value);
      return query.statement.stream();
    },
    end(isRead) {
      if (isRead) return query.giveBack();
      query.connection.interrupt();
      query.drop();
    },
  };
}

async function* streamBatches(
  result: DuckDBResult,
  width: number,
): AsyncGenerator<ScannedBatch, void, undefined> {
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    const columns: Float32Array[] = [];
    for (let k = 0; k < width; k++) columns.push(floatItems(chunk, k));
    const value = (row: number, place: number): unknown => chunk.getColumnVector(width + place).getItem(row);
    yield { rows: chunk.rowCount, columns, value };
  }
}

/** Why a scan gave another number of rows than the table had when it was opened. */
async function shortScan(
  { session, source, files }: OpenTable,
  rows: number,
  expected: number,
): Promise<unknown> {
  const relation = (some: typeof files): string => source.relation(some);
  const failure = await failureOf(session, relation(files));
  if (failure !== undefined) return blameFile("read table", session, files, relation, failure);
  return new OddflowError(
    "TABLE_UNREADABLE",
    `read table: ${tableName(files)}: ${rows} of ${expected} rows could be read; get the file again`,
  );
}
