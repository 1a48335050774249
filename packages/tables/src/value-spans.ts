import type { ValueSpan, ValueSpans } from "@oddflow/preprocessing";
import { valueTextSql } from "./coding-sql.ts";
import type { StoredColumn } from "./column-storage.ts";
import { queryTable } from "./distinct-values.ts";
import type { OpenTable } from "./flow-table.ts";
import { nameSql } from "./sql-text.ts";
import { flowTimeSql } from "./time-sql.ts";

const FILE_COLUMN = "oddflow file";

/** Where each value of some columns stands, in one pass. */
export async function valueSpans(open: OpenTable, columns: readonly StoredColumn[]): Promise<ValueSpans> {
  const files = open.files.length;
  if (columns.length === 0) return { files, columns: [] };
  const time = (await flowTimeSql(open)) ?? "NULL::DOUBLE";
  const names = columns.map((_, index) => `v${index}`);
  const texts = columns.map((column, index) => `nullif(${valueTextSql(column)}, '') AS v${index}`);
  const grouped = names.map((name, index) => `WHEN grouping(${name}) = 0 THEN ${index}`);
  const rows = await queryTable(
    open,
    `SELECT CASE ${grouped.join(" ")} END AS grouped, coalesce(${names.join(", ")}) AS value, count(*) AS rows, ` +
      "min(place) AS first_row, max(place) AS last_row, min(time) AS first_time, max(time) AS last_time, " +
      "count(DISTINCT file) AS files " +
      `FROM (SELECT row_number() OVER () - 1 AS place, CASE WHEN isfinite(${time}) THEN ${time} END AS time, ` +
      `${nameSql(FILE_COLUMN)} AS file, ${texts.join(", ")} FROM ${open.source.relation(open.files, FILE_COLUMN)}) ` +
      `GROUP BY GROUPING SETS (${names.map((name) => `(${name})`).join(", ")})`,
  );
  const spans = columns.map((): ValueSpan[] => []);
  for (const row of rows) {
    const value = row["value"];
    spans[Number(row["grouped"])]?.push({
      value: value === null || value === undefined ? null : String(value),
      rows: Number(row["rows"]),
      firstRow: Number(row["first_row"]),
      lastRow: Number(row["last_row"]),
      firstTime: timeOf(row["first_time"]),
      lastTime: timeOf(row["last_time"]),
      files: Number(row["files"]),
    });
  }
  return { files, columns: spans };
}

function timeOf(value: unknown): number {
  return value === null || value === undefined ? Number.NaN : Number(value);
}
