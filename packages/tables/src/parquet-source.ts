import { damagedParquet, type ThriftStruct } from "@oddflow/flow-sources";
import { type StoredColumn, storedColumn } from "./column-storage.ts";
import type { DuckdbSession } from "./duckdb-session.ts";
import { checkedFooter } from "./parquet/checked-footer.ts";
import { findFlowRows } from "./parquet/flow-rows.ts";
import { nanosecondTimes, wideDecimals } from "./parquet/misread-columns.ts";
import { storedLeaves } from "./parquet/stored-columns.ts";
import { unfoldStructs, withFields } from "./parquet/struct-columns.ts";
import type { TableFile } from "./table-files.ts";
import { describeRelation, emptyTable, noFlows, readerSql, type TableSource } from "./table-source.ts";

/**
 * Parquet files: columns and row count come from their footers, which are checked first.
 * @throws OddflowError TABLE_UNREADABLE, TABLE_EMPTY
 */
export async function openParquet(session: DuckdbSession, files: readonly TableFile[]): Promise<TableSource> {
  const footers = files.map(readCheckedFooter);
  const read = (some: readonly TableFile[], pathColumn?: string): string =>
    readerSql("read_parquet", some, some.length > 1 ? ["union_by_name = true"] : [], pathColumn);
  const described = await describeRelation(session, read(files));
  const [counted] = await session.query(`SELECT count(*) AS rows FROM ${read(files)}`);
  const records = Number(counted?.["rows"]);
  if (records === 0) throw emptyTable(files);
  const wide = new Set(footers.flatMap(wideDecimals));
  const fine = new Set(footers.flatMap(nanosecondTimes));
  const stored = described.map(([name, sqlType]): StoredColumn => {
    const column = storedColumn(name, sqlType);
    if (fine.has(name)) return { ...column, isCutToMicroseconds: true };
    if (!wide.has(name)) return column;
    return { ...column, type: "other", storage: "other", misread: "a decimal of more than 38 digits" };
  });
  const flowRows = await findFlowRows(session, files, stored, read);
  const leftOut = (flowRows?.readings ?? []).flatMap((reading) => [...reading.leftOut]);
  const rows = records - leftOut.reduce((sum, [, count]) => sum + count, 0);
  if (rows === 0) throw noFlows(files, leftOut);
  const columns = await unfoldStructs(session, read(files), stored);
  const hasFields = columns.some(({ field }) => field !== undefined);
  const names = await Promise.all(
    footers.map(async (footer, index) => {
      if (!hasFields) return new Set(storedLeaves(footer).map(({ name }) => name));
      const own = await parquetColumns(session, files[index] as TableFile);
      return new Set(own.map(({ name }) => name));
    }),
  );
  return {
    columns,
    rows,
    ...(flowRows === undefined ? {} : { readings: flowRows.readings, leavesOutRows: true }),
    relation: (some, pathColumn) =>
      withFields(read(some, pathColumn), columns, flowRows && ` WHERE ${flowRows.condition}`),
    ...(files.length > 1 ? { columnsOf: (file) => names[files.indexOf(file)] ?? new Set() } : {}),
  };
}

/** The columns of one file, as DuckDB reads it. */
export async function parquetColumns(
  session: DuckdbSession,
  file: TableFile,
): Promise<readonly StoredColumn[]> {
  const relation = readerSql("read_parquet", [file], []);
  const described = await describeRelation(session, relation);
  return unfoldStructs(
    session,
    relation,
    described.map(([name, sqlType]) => storedColumn(name, sqlType)),
  );
}

function readCheckedFooter(file: TableFile): ThriftStruct {
  try {
    return checkedFooter(file.path).footer;
  } catch (cause) {
    throw damagedParquet(file.path, cause);
  }
}
