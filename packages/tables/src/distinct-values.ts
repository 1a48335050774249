import type { CategoryValueType } from "@oddflow/preprocessing";
import { readCellsOf } from "./cell-text.ts";
import { categoryValueSql } from "./coding-sql.ts";
import { columnSql, type StoredColumn } from "./column-storage.ts";
import type { ResultRow } from "./duckdb-session.ts";
import { findColumns } from "./find-columns.ts";
import type { OpenTable } from "./flow-table.ts";
import { blameFile } from "./table-source.ts";

/**
 * How far beyond the cap an estimate must be to do without an exact count. DuckDB's estimate is 20 % off at times; a
 * table of all values of a column with many of them is what must not be built.
 */
const ESTIMATE_MARGIN = 4;

/** `FlowTable.countDistinct`: one pass that estimates, one that counts where the estimate is near the cap or below. */
export async function countDistinct(
  open: OpenTable,
  names: readonly string[],
  cap: number,
): Promise<readonly number[]> {
  const columns = findColumns(open.source.columns, names, open.files);
  const estimates = await aggregate(open, columns, (column) => `approx_count_distinct(${column})`);
  const near = columns.filter((_, index) => (estimates[index] ?? 0) <= ESTIMATE_MARGIN * cap);
  const counts = await aggregate(open, near, (column) => `count(DISTINCT ${column})`);
  const exact = new Map(near.map((column, index) => [column.name, counts[index] ?? 0]));
  return columns.map((column) => Math.min(cap, exact.get(column.name) ?? cap));
}

async function aggregate(
  open: OpenTable,
  columns: readonly StoredColumn[],
  call: (column: string) => string,
): Promise<readonly number[]> {
  if (columns.length === 0) return [];
  const items = columns.map((column, index) => `${call(columnSql(column))} AS c${index}`);
  const [row] = await queryTable(open, `SELECT ${items.join(", ")} FROM ${open.source.relation(open.files)}`);
  return columns.map((_, index) => Number(row?.[`c${index}`]));
}

/** `FlowTable.distinctValues`. */
export async function distinctValues(
  open: OpenTable,
  name: string,
  valueType: CategoryValueType,
  limit: number,
): Promise<readonly string[]> {
  const [column] = findColumns(open.source.columns, [name], open.files);
  const read = readCellsOf(open.source, column as StoredColumn, valueType);
  const { number, text } = categoryValueSql(read.columns[0] as StoredColumn, valueType);
  const rows = await queryTable(
    open,
    `SELECT number, text FROM (SELECT ${number} AS number, ${text} AS text FROM ${read.relation(open.files)}) ` +
      "WHERE number IS NOT NULL OR text IS NOT NULL " +
      `GROUP BY number, text ORDER BY count(*) DESC, number, text LIMIT ${limit}`,
  );
  const values = [...new Set(rows.map((row) => String(row["number"] ?? row["text"])))];
  return valueType === "number" ? values.sort((a, b) => Number(a) - Number(b)) : values.sort();
}

export async function queryTable(open: OpenTable, sql: string): Promise<readonly ResultRow[]> {
  try {
    return await open.session.query(sql);
  } catch (thrown) {
    throw await blameFile(
      "read table",
      open.session,
      open.files,
      (some) => open.source.relation(some),
      thrown,
    );
  }
}
