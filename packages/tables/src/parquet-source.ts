import { type StoredColumn, storedColumn } from "./column-storage.ts";
import type { DuckdbSession } from "./duckdb-session.ts";
import { type FileForm, readFileForms } from "./parquet/file-forms.ts";
import { findFlowRows } from "./parquet/flow-rows.ts";
import { unfoldStructs, withFields } from "./parquet/struct-columns.ts";
import type { TableFile } from "./table-files.ts";
import { describeRelation, emptyTable, noFlows, readerSql, type TableSource } from "./table-source.ts";

/**
 * Parquet files: columns and row count come from their footers, which are checked first. The database is asked for the columns of
 * one file of each form: all files at once cost it a megabyte for every few of them.
 * @throws OddflowError TABLE_UNREADABLE, TABLE_EMPTY
 */
export async function openParquet(session: DuckdbSession, files: readonly TableFile[]): Promise<TableSource> {
  const { forms, rowGroups, formOf } = readFileForms(files);
  const read = (some: readonly TableFile[], pathColumn?: string): string => {
    const areAlike = new Set(some.map(formOf)).size === 1;
    return readerSql("read_parquet", some, areAlike ? [] : ["union_by_name = true"], pathColumn);
  };
  const firsts = read(forms.map(({ first }) => first));
  const described = await describeRelation(session, firsts);
  const records = rowGroups.reduce((sum, groups) => sum + groups.reduce((own, rows) => own + rows, 0), 0);
  if (records === 0) throw emptyTable(files);
  const wide = new Set(forms.flatMap((form) => form.wide));
  const fine = new Set(forms.flatMap((form) => form.fine));
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
  const columns = await unfoldStructs(session, firsts, stored);
  const hasFields = columns.some(({ field }) => field !== undefined);
  const names = new Map<FileForm, ReadonlySet<string>>();
  for (const form of forms) {
    const own = hasFields ? await parquetColumns(session, form.first) : undefined;
    names.set(form, own === undefined ? form.names : new Set(own.map(({ name }) => name)));
  }
  return {
    columns,
    rows,
    fileForms: { forms, rowGroups, formOf },
    ...(flowRows === undefined ? {} : { readings: flowRows.readings, leavesOutRows: true }),
    relation: (some, pathColumn) =>
      withFields(read(some, pathColumn), columns, flowRows && ` WHERE ${flowRows.condition}`),
    ...(files.length > 1 ? { columnsOf: (file) => names.get(formOf(file)) ?? new Set() } : {}),
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
