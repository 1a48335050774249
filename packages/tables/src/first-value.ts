import type { FoundValue } from "@oddflow/preprocessing";
import { valueTextSql } from "./coding-sql.ts";
import { columnSql, type StoredColumn } from "./column-storage.ts";
import type { OpenTable } from "./flow-table.ts";
import { nameSql, textSql } from "./sql-text.ts";

/** The first value of a column under a condition (SQL) that at least one of its values meets. */
export async function firstWhere(
  { session, source, files }: OpenTable,
  column: StoredColumn,
  condition: string,
): Promise<FoundValue> {
  const file = "oddflow file";
  const name = columnSql(column);
  const numbered =
    `SELECT ${nameSql(file)} AS file, ${name}, row_number() OVER () AS place ` +
    `FROM ${source.relation(files, file)}`;
  const [first] = await session.query(
    `SELECT file, ${valueTextSql(column)} AS value, place FROM (${numbered}) WHERE ${condition} ORDER BY place LIMIT 1`,
  );
  const found = String(first?.["file"]);
  const [before] = await session.query(
    `SELECT min(place) AS place FROM (${numbered}) WHERE file = ${textSql(found)}`,
  );
  return {
    row: Number(first?.["place"]) - Number(before?.["place"]) + 1,
    value: String(first?.["value"]),
    table: source.copies?.get(found)?.path ?? found,
  };
}
