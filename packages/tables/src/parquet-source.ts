import { damagedParquet, type ThriftStruct } from "@oddflow/flow-sources";
import { storedColumn } from "./column-storage.ts";
import type { DuckdbSession } from "./duckdb-session.ts";
import { checkedFooter } from "./parquet/checked-footer.ts";
import { nanosecondTimes, wideDecimals } from "./parquet/misread-columns.ts";
import { storedLeaves } from "./parquet/stored-columns.ts";
import type { TableFile } from "./table-files.ts";
import { describeRelation, emptyTable, readerSql, type TableSource } from "./table-source.ts";

/**
 * Parquet files: columns and row count come from their footers, which are checked first.
 * @throws OddflowError TABLE_UNREADABLE, TABLE_EMPTY
 */
export async function openParquet(session: DuckdbSession, files: readonly TableFile[]): Promise<TableSource> {
  const footers = files.map(readCheckedFooter);
  const relation: TableSource["relation"] = (some, pathColumn) =>
    readerSql("read_parquet", some, some.length > 1 ? ["union_by_name = true"] : [], pathColumn);
  const columns = await describeRelation(session, relation(files));
  const [counted] = await session.query(`SELECT count(*) AS rows FROM ${relation(files)}`);
  const rows = Number(counted?.["rows"]);
  if (rows === 0) throw emptyTable(files);
  const names = footers.map((footer) => new Set(storedLeaves(footer).map(({ name }) => name)));
  const wide = new Set(footers.flatMap(wideDecimals));
  const fine = new Set(footers.flatMap(nanosecondTimes));
  return {
    columns: columns.map(([name, sqlType]) => {
      const column = storedColumn(name, sqlType);
      if (fine.has(name)) return { ...column, isCutToMicroseconds: true };
      if (!wide.has(name)) return column;
      return { ...column, type: "other", storage: "other", misread: "a decimal of more than 38 digits" };
    }),
    rows,
    relation,
    ...(files.length > 1 ? { columnsOf: (file) => names[files.indexOf(file)] ?? new Set() } : {}),
  };
}

function readCheckedFooter(file: TableFile): ThriftStruct {
  try {
    return checkedFooter(file.path).footer;
  } catch (cause) {
    throw damagedParquet(file.path, cause);
  }
}
