import { storedColumn } from "./column-storage.ts";
import type { DuckdbSession } from "./duckdb-session.ts";
import type { TableFile } from "./table-files.ts";
import { describeRelation, emptyTable, readerSql, type TableSource } from "./table-source.ts";

/** Parquet files: columns and row count come from their footers. */
export async function openParquet(session: DuckdbSession, files: readonly TableFile[]): Promise<TableSource> {
  const relation: TableSource["relation"] = (some, options) =>
    readerSql("read_parquet", some, [
      ...(some.length > 1 ? ["union_by_name = true"] : []),
      ...(options === undefined ? [] : [options]),
    ]);
  const columns = await describeRelation(session, relation(files));
  const [counted] = await session.query(`SELECT count(*) AS rows FROM ${relation(files)}`);
  const rows = Number(counted?.["rows"]);
  if (rows === 0) throw emptyTable(files);
  return { columns: columns.map(([name, sqlType]) => storedColumn(name, sqlType)), rows, relation };
}
