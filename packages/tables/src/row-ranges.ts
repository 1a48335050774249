import type { OpenTable, RowRange } from "./flow-table.ts";
import { folderValueSql } from "./folder-columns.ts";
import { FILE, footerOf, ROW_GROUP } from "./parquet/footer.ts";
import { storedLeaves } from "./parquet/stored-columns.ts";
import { withFields } from "./parquet/struct-columns.ts";
import { integerField, structsField } from "./parquet/thrift-values.ts";
import { parquetColumns } from "./parquet-source.ts";
import { nameSql } from "./sql-text.ts";
import type { TableFile } from "./table-files.ts";
import { readerSql } from "./table-source.ts";

/** DuckDB's number of a row within its file, for whoever asks; a file's own column of that name hides it. */
const ROW_NUMBER = "file_row_number";

/** A larger range keeps too many scores waiting for those before it. */
export const MOST_ROWS = 122_880;

/** A smaller one costs more to plan, and to unpack its row group again for, than it gains. */
const LEAST_ROWS = 16_384;

/**
 * A range is its worker's share of what is left, divided by this: large ones first, since each has to be planned, and small
 * ones at the end, so that workers end together.
 */
const SHARE_DIVISOR = 1.5;

/** `FlowTable.ranges`. */
export function rowRanges(open: OpenTable, workers: number): readonly RowRange[] {
  return cutRanges(rowGroupsOf(open) ?? [], workers);
}

/** The rows of each file's row groups; undefined where the format allows no reading of some rows alone. */
export function rowGroupsOf({ files, source }: OpenTable): readonly (readonly number[])[] | undefined {
  if (files[0]?.format !== "parquet" || source.leavesOutRows) return undefined;
  const rowGroups: number[][] = [];
  for (const { path } of files) {
    const footer = footerOf(path)?.footer;
    if (footer === undefined || storedLeaves(footer).some(({ name }) => name.toLowerCase() === ROW_NUMBER))
      return undefined;
    rowGroups.push(
      structsField(footer, FILE.rowGroups).map((group) => Number(integerField(group, ROW_GROUP.rows))),
    );
  }
  return rowGroups;
}

/**
 * Cuts rows into ranges as `FlowTable.ranges` does.
 * @param files the rows of each file's row groups
 */
export function cutRanges(files: readonly (readonly number[])[], workers: number): RowRange[] {
  const ranges: RowRange[] = [];
  let left = files.flat().reduce((sum, rows) => sum + rows, 0);
  for (const [file, groups] of files.entries()) {
    let first = 0;
    let taken: number[] = [];
    const end = (): void => {
      const rows = taken.reduce((sum, own) => sum + own, 0);
      if (rows > 0) ranges.push({ file, first, rows, rowGroups: taken });
      first += rows;
      left -= rows;
      taken = [];
    };
    for (const group of groups) {
      for (let rest = group; rest > 0; ) {
        const share = Math.min(MOST_ROWS, Math.max(LEAST_ROWS, Math.ceil(left / workers / SHARE_DIVISOR)));
        const missing = share - taken.reduce((sum, own) => sum + own, 0);
        // A row group that is not cut is not unpacked twice, so a range takes all of one that it takes the most of.
        const rows = missing > rest / 2 || rest - missing < LEAST_ROWS ? Math.min(rest, MOST_ROWS) : missing;
        if (taken.length > 0 && rows < rest) {
          end();
          continue;
        }
        taken.push(rows);
        rest -= rows;
        if (rows >= missing) end();
      }
    }
    end();
  }
  return ranges;
}

/**
 * A range of the table as a relation with all columns of the table: what the range's file lacks is NULL, and what it has
 * in another type is cast, as DuckDB does when it reads all files at once.
 */
export function rangeRelation(open: OpenTable, { file, first, rows }: RowRange): Promise<string> {
  return rowsRelation(open, file, [`${first}`, `${first + rows - 1}`]);
}

/** The same for any range of a file: of the rows from `$1` to `$2`, which `rangeValues` gives. */
export function anyRangeRelation(open: OpenTable, file: number): Promise<string> {
  return rowsRelation(open, file, ["$1", "$2"]);
}

export function rangeValues({ first, rows }: RowRange): readonly [bigint, bigint] {
  return [BigInt(first), BigInt(first + rows - 1)];
}

async function rowsRelation(
  { session, source, files }: OpenTable,
  file: number,
  [first, last]: readonly [string, string],
): Promise<string> {
  const own = files[file] as TableFile;
  const reader = readerSql("read_parquet", [own], []);
  const condition = `${ROW_NUMBER} BETWEEN ${first} AND ${last}`;
  const inFolders = source.columns.some(({ folderValues }) => folderValues !== undefined);
  if (files.length === 1 && !inFolders) return withFields(reader, source.columns, ` WHERE ${condition}`);
  const columnsOfFile = await parquetColumns(session, own);
  const present = new Map(columnsOfFile.map((column) => [column.name.toLowerCase(), column]));
  const columns = source.columns.map(({ name, sqlType, folderValues }) => {
    if (folderValues !== undefined) return `${folderValueSql(folderValues, own)} AS ${nameSql(name)}`;
    const column = present.get(name.toLowerCase());
    const value = column === undefined ? "NULL" : (column.field?.sql ?? nameSql(name));
    return `CAST(${value} AS ${sqlType}) AS ${nameSql(name)}`;
  });
  return `(SELECT ${columns.join(", ")} FROM ${reader} WHERE ${condition})`;
}
