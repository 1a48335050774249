import type { DuckDBConnection } from "@duckdb/node-api";
import { type ColumnBatch, type ColumnCoding, OddflowError } from "@oddflow/preprocessing";
import { checkOpenTable } from "./check-columns.ts";
import { codingSql } from "./coding-sql.ts";
import { findColumns, tableName } from "./find-columns.ts";
import type { OpenTable, ScanOptions } from "./flow-table.ts";
import { rangeRelation } from "./row-ranges.ts";
import { changedFile } from "./table-files.ts";
import { blameFile, failureOf } from "./table-source.ts";
import { floatItems } from "./vector-items.ts";

/** `FlowTable.scan`. */
export async function* scanColumns(
  open: OpenTable,
  codings: readonly ColumnCoding[],
  { signal, range }: ScanOptions,
): AsyncGenerator<ColumnBatch, void, undefined> {
  signal?.throwIfAborted();
  const { session, source, files } = open;
  const columns = range
    ? findColumns(
        source.columns,
        codings.map(({ name }) => name),
        files,
      )
    : await checkOpenTable(open, codings);
  const expressions = columns.map((column, index) => codingSql(codings[index] as ColumnCoding, column));
  const relation = range ? await rangeRelation(open, range) : source.relation(files);
  const sql = `SELECT ${expressions.join(", ")} FROM ${relation}`;
  const expected = range?.rows ?? source.rows;

  const connection = await session.connect();
  const stop = (): void => connection.interrupt();
  signal?.addEventListener("abort", stop);
  try {
    let rows = 0;
    for await (const batch of streamBatches(connection, sql, codings.length)) {
      signal?.throwIfAborted();
      rows += batch.rows;
      yield batch;
    }
    signal?.throwIfAborted();
    // DuckDB's stream ends in the same way whether the rows or its luck ran out.
    if (rows !== expected) throw await shortScan(open, rows, expected);
  } catch (thrown) {
    signal?.throwIfAborted();
    throw await blameFile("read table", session, files, (some) => source.relation(some), thrown);
  } finally {
    signal?.removeEventListener("abort", stop);
    connection.interrupt();
    connection.disconnectSync();
  }
}

async function* streamBatches(
  connection: DuckDBConnection,
  sql: string,
  width: number,
): AsyncGenerator<ColumnBatch, void, undefined> {
  const result = await connection.stream(sql);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    const columns: Float32Array[] = [];
    for (let k = 0; k < width; k++) columns.push(floatItems(chunk, k));
    yield { rows: chunk.rowCount, columns };
  }
}

/** Why a scan gave another number of rows than the table had when it was opened. */
async function shortScan(
  { session, source, files }: OpenTable,
  rows: number,
  expected: number,
): Promise<unknown> {
  const changed = await changedFile(files);
  if (changed !== undefined) {
    return new OddflowError(
      "TABLE_UNREADABLE",
      `read table: ${changed.path} was changed while it was read; start again`,
    );
  }
  const relation = (some: typeof files): string => source.relation(some);
  const failure = await failureOf(session, relation(files));
  if (failure !== undefined) return blameFile("read table", session, files, relation, failure);
  return new OddflowError(
    "TABLE_UNREADABLE",
    `read table: ${tableName(files)}: ${rows} of ${expected} rows could be read; get the file again`,
  );
}
