import type { OpenTable, RowRange } from "./flow-table.ts";
import { folderValueSql, PATH_COLUMN } from "./folder-columns.ts";
import { withFields } from "./parquet/struct-columns.ts";
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

/** A file of fewer rows is read together with others of its form. */
const SMALL_FILE_ROWS = LEAST_ROWS;

/** So many small files are a range at most: a statement names each of them. */
const MOST_FILES = 256;

/** `FlowTable.ranges`. */
export function rowRanges(open: OpenTable, workers: number): readonly RowRange[] {
  const { files, source } = open;
  const formOf = (file: number): unknown => source.fileForms?.formOf(files[file] as TableFile);
  return cutRanges(rowGroupsOf(open) ?? [], workers, (file) => formOf(file) === formOf(file - 1));
}

/** The rows of each file's row groups; undefined where the format allows no reading of some rows alone. */
export function rowGroupsOf({ source }: OpenTable): readonly (readonly number[])[] | undefined {
  const { fileForms, leavesOutRows } = source;
  if (fileForms === undefined || leavesOutRows) return undefined;
  const hasNumbers = fileForms.forms.some(({ names }) =>
    [...names].some((name) => name.toLowerCase() === ROW_NUMBER),
  );
  return hasNumbers ? undefined : fileForms.rowGroups;
}

/**
 * Cuts rows into ranges as `FlowTable.ranges` does.
 * @param files the rows of each file's row groups
 * @param isLikeTheOneBefore whether a file, which is not the first, can be read in one range with the one before it
 */
export function cutRanges(
  files: readonly (readonly number[])[],
  workers: number,
  isLikeTheOneBefore: (file: number) => boolean,
): RowRange[] {
  const ranges: RowRange[] = [];
  let left = 0;
  for (const groups of files) left += rowsOf(groups);
  const shareOf = (): number =>
    Math.min(MOST_ROWS, Math.max(LEAST_ROWS, Math.ceil(left / workers / SHARE_DIVISOR)));
  const add = (range: RowRange): void => {
    if (range.rows > 0) ranges.push(range);
    left -= range.rows;
  };
  for (let file = 0; file < files.length; ) {
    const joined = joinSmall(files, file, shareOf(), isLikeTheOneBefore);
    if (joined === undefined) cutFile(file, files[file++] as readonly number[], shareOf, add);
    else {
      add(joined);
      file += joined.files ?? 1;
    }
  }
  return ranges;
}

/** The range of small files that begins with a file; undefined where that is not small. */
function joinSmall(
  files: readonly (readonly number[])[],
  first: number,
  share: number,
  isLikeTheOneBefore: (file: number) => boolean,
): RowRange | undefined {
  const rowGroups: number[] = [];
  let [rows, end] = [0, first];
  for (; end < files.length && end - first < MOST_FILES; end++) {
    const groups = files[end] as readonly number[];
    const own = rowsOf(groups);
    if (own >= SMALL_FILE_ROWS) break;
    if (end > first && (rows + own > share || !isLikeTheOneBefore(end))) break;
    for (const group of groups) if (group > 0) rowGroups.push(group);
    rows += own;
  }
  if (end === first) return undefined;
  return { file: first, ...(end - first > 1 ? { files: end - first } : {}), first: 0, rows, rowGroups };
}

function cutFile(
  file: number,
  groups: readonly number[],
  shareOf: () => number,
  add: (range: RowRange) => void,
): void {
  let first = 0;
  let taken: number[] = [];
  const end = (): void => {
    const rows = rowsOf(taken);
    add({ file, first, rows, rowGroups: taken });
    first += rows;
    taken = [];
  };
  for (const group of groups) {
    for (let rest = group; rest > 0; ) {
      const missing = shareOf() - rowsOf(taken);
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

function rowsOf(rowGroups: readonly number[]): number {
  return rowGroups.reduce((sum, rows) => sum + rows, 0);
}

/** The files that a range's rows are in. */
export function filesOf({ files }: Pick<OpenTable, "files">, range: RowRange): readonly TableFile[] {
  return files.slice(range.file, range.file + (range.files ?? 1));
}

/**
 * A range of the table as a relation with all columns of the table: what the range's files lack is NULL, and what they have
 * in another type is cast, as DuckDB does when it reads all files at once.
 */
export function rangeRelation(open: OpenTable, range: RowRange): Promise<string> {
  return rowsRelation(open, range, [`${range.first}`, `${range.first + range.rows - 1}`]);
}

/** The same for any range of a range's file, of the rows from `$1` to `$2`, which `rangeValues` gives. */
export function anyRangeRelation(open: OpenTable, range: RowRange): Promise<string> {
  return rowsRelation(open, range, ["$1", "$2"]);
}

/** None for several files, of which all rows are read. */
export function rangeValues({ first, rows, files = 1 }: RowRange): readonly bigint[] {
  return files > 1 ? [] : [BigInt(first), BigInt(first + rows - 1)];
}

async function rowsRelation(
  open: OpenTable,
  range: RowRange,
  [first, last]: readonly [string, string],
): Promise<string> {
  const { session, source } = open;
  const own = filesOf(open, range);
  const inFolders = source.columns.some(({ folderValues }) => folderValues !== undefined);
  const pathColumn = inFolders && own.length > 1 ? PATH_COLUMN : undefined;
  const reader = readerSql("read_parquet", own, [], pathColumn);
  const condition = own.length > 1 ? "" : ` WHERE ${ROW_NUMBER} BETWEEN ${first} AND ${last}`;
  if (open.files.length === 1 && !inFolders) return withFields(reader, source.columns, condition);
  const columnsOfFile = await parquetColumns(session, own[0] as TableFile);
  const present = new Map(columnsOfFile.map((column) => [column.name.toLowerCase(), column]));
  const columns = source.columns.map(({ name, sqlType, folderValues }) => {
    if (folderValues !== undefined)
      return `${folderValueSql({ name, folderValues }, own, PATH_COLUMN)} AS ${nameSql(name)}`;
    const column = present.get(name.toLowerCase());
    const value = column === undefined ? "NULL" : (column.field?.sql ?? nameSql(name));
    return `CAST(${value} AS ${sqlType}) AS ${nameSql(name)}`;
  });
  return `(SELECT ${columns.join(", ")} FROM ${reader}${condition})`;
}
