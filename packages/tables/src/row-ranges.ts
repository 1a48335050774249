import type { OpenTable, RowRange } from "./flow-table.ts";
import { listSql, nameSql, textSql } from "./sql-text.ts";
import { literalPath, type TableFile } from "./table-files.ts";
import { describeRelation, readerSql } from "./table-source.ts";

/** DuckDB's number of a row within its file, for whoever asks; a file's own column of that name hides it. */
const ROW_NUMBER = "file_row_number";

/** A range is a row group, or a piece of one that is larger than DuckDB makes them. */
const MOST_ROWS = 122_880;

/** At the end of the table, pieces of a row group for every worker, so that none works long after the others. */
const PIECES = 4;

/** A smaller piece costs more to find than it gains. */
const LEAST_PIECE = 8192;

/** `FlowTable.ranges`. */
export async function splitRows(
  { session, files }: OpenTable,
  workers: number,
): Promise<readonly RowRange[]> {
  if (files[0]?.format !== "parquet") return [];
  const paths = listSql(files.map(({ path }) => textSql(literalPath(path))));
  const groups = await session.query(
    `SELECT file_name, row_group_id, any_value(row_group_num_rows) AS rows, bool_or(path_in_schema ILIKE '${ROW_NUMBER}') AS named ` +
      `FROM parquet_metadata(${paths}) GROUP BY file_name, row_group_id ORDER BY row_group_id`,
  );
  if (groups.some(({ named }) => named === true)) return [];
  const ranges: RowRange[] = [];
  for (const [file, { path }] of files.entries()) {
    let first = 0;
    for (const group of groups.filter(({ file_name }) => file_name === path)) {
      const rows = Number(group["rows"]);
      ranges.push(...cut({ file, first, rows }, MOST_ROWS));
      first += rows;
    }
  }
  const whole = Math.max(0, ranges.length - 2 * workers);
  return [
    ...ranges.slice(0, whole),
    ...ranges
      .slice(whole)
      .flatMap((range) => cut(range, Math.max(LEAST_PIECE, Math.ceil(range.rows / PIECES)))),
  ];
}

function cut({ file, first, rows }: RowRange, most: number): RowRange[] {
  const pieces: RowRange[] = [];
  for (let at = 0; at < rows; at += most) {
    pieces.push({ file, first: first + at, rows: Math.min(most, rows - at) });
  }
  return pieces;
}

/**
 * A range of the table as a relation with all columns of the table: what the range's file lacks is NULL, and what it has
 * in another type is cast, as DuckDB does when it reads all files at once.
 */
export async function rangeRelation(
  { session, source, files }: OpenTable,
  { file, first, rows }: RowRange,
): Promise<string> {
  const own = files[file] as TableFile;
  const reader = readerSql("read_parquet", [own], []);
  const condition = `${ROW_NUMBER} BETWEEN ${first} AND ${first + rows - 1}`;
  if (files.length === 1) return `(FROM ${reader} WHERE ${condition})`;
  const present = new Set((await describeRelation(session, reader)).map(([name]) => name.toLowerCase()));
  const columns = source.columns.map(({ name, sqlType }) => {
    const value = present.has(name.toLowerCase()) ? nameSql(name) : "NULL";
    return `CAST(${value} AS ${sqlType}) AS ${nameSql(name)}`;
  });
  return `(SELECT ${columns.join(", ")} FROM ${reader} WHERE ${condition})`;
}
