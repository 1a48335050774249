import { OddflowError, timeUnitsPerSecond } from "@oddflow/preprocessing";
import { columnSql, type StoredColumn } from "./column-storage.ts";
import { queryTable } from "./distinct-values.ts";
import { findColumns, tableName } from "./find-columns.ts";
import type { OpenTable } from "./flow-table.ts";

/** `FlowTable.timeSpan`. */
export async function timeSpan(open: OpenTable, name: string): Promise<number> {
  const [column] = findColumns(open.source.columns, [name], open.files);
  const value = timeSql(column as StoredColumn, open);
  const [row] = await queryTable(
    open,
    `SELECT min(t) AS first, max(t) AS last FROM (SELECT ${value} AS t FROM ${open.source.relation(open.files)}) WHERE isfinite(t)`,
  );
  const first = Number(row?.["first"]);
  const last = Number(row?.["last"]);
  return row?.["last"] == null ? 0 : (last - first) / unitsPerSecond(column as StoredColumn, last);
}

/** How many of a time column's units are a second, told by the last of its times. */
export function unitsPerSecond(column: StoredColumn, last: number): number {
  return column.storage === "time" ? 1 : timeUnitsPerSecond(last);
}

/** A time column as DOUBLE, in units of which `unitsPerSecond` are a second. */
export function timeSql(column: StoredColumn, open: OpenTable): string {
  const name = columnSql(column);
  if (/^(DATE|TIMESTAMP)/.test(column.sqlType)) return `epoch(${name})::DOUBLE`;
  if (column.type === "integer" || column.type === "number") return `${name}::DOUBLE`;
  throw new OddflowError(
    "COLUMN_TYPE",
    `read times: column "${column.name}" of ${tableName(open.files)} is ${column.sqlType}, ` +
      "dates with times or numbers since 1970 are expected; name another column",
  );
}
