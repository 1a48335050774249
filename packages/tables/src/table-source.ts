import { leftOutText } from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import type { StoredColumn } from "./column-storage.ts";
import type { DuckdbSession } from "./duckdb-session.ts";
import type { FileForms } from "./parquet/file-forms.ts";
import { readFailure, temporaryFailure } from "./read-failure.ts";
import { listSql, nameSql, textSql } from "./sql-text.ts";
import { literalPath, type TableFile } from "./table-files.ts";
import { changeOf } from "./unchanged-files.ts";

/** What a file was taken for, and what of it was left out. */
export interface FileReading {
  readonly path: string;
  /** In words; undefined where its name says it all. */
  readonly takenFor: string | undefined;
  /** What was no flow, in words, and how often. */
  readonly leftOut: ReadonlyMap<string, number>;
}

/** How rows of text are written. */
interface RowText {
  readonly form: "csv" | "zeek";
  readonly delimiter: string;
  /** Whether DuckDB reads the rows as they are written. */
  readonly isPlain: boolean;
}

/** A table as SQL: what every statement about it reads from. */
export interface TableSource {
  readonly columns: readonly StoredColumn[];
  /** Fields of records that are objects wherever they are there: the columns are what is in them. */
  readonly objects?: ReadonlySet<string>;
  /** Counted when the table was opened, and at least 1. */
  readonly rows: number;
  /**
   * The reader as an SQL table, of all files or of some.
   * @param pathColumn the name of one more column, which holds the path of the row's file
   * @param asText the columns whose values come as the letters of their cells; of CSV alone
   */
  relation(files: readonly TableFile[], pathColumn?: string, asText?: ReadonlySet<string>): string;
  /** How the rows of all files are written, where they are text and written alike. */
  readonly rowText?: RowText;
  /** Of the files whose content needs words; absent where none does. */
  readonly readings?: readonly FileReading[];
  /** Files that DuckDB reads a copy of, by the copy's path. */
  readonly copies?: ReadonlyMap<string, TableFile>;
  /** Whether the files hold nothing but text (CSV): the columns' types are what their values look like. */
  readonly isText?: boolean;
  /** The columns that one of several files has, where files may differ; absent where each has all. */
  readonly columnsOf?: (file: TableFile) => ReadonlySet<string>;
  /** Of Parquet files, what their footers say. */
  readonly fileForms?: FileForms;
  /** Whether rows of the files are no flows, so that DuckDB's row numbers and the files' pages are not the table's. */
  readonly leavesOutRows?: boolean;
  /** Whether a record may leave out what it has no value for, so that a file may lack a column that others have (JSON). */
  readonly mayLackColumns?: boolean;
}

/** Makes the SQL of a DuckDB reader such as read_csv. Columns that folders hold are added by `withFolderColumns`. */
export function readerSql(
  reader: string,
  files: readonly TableFile[],
  options: readonly string[],
  pathColumn?: string,
): string {
  const paths = listSql(files.map((file) => textSql(literalPath(file.path))));
  const path = pathColumn === undefined ? [] : [`filename = ${textSql(pathColumn)}`];
  return `${reader}(${[paths, "hive_partitioning = false", ...options, ...path].join(", ")})`;
}

/** Column names and DuckDB types of a relation, in its order. */
export async function describeRelation(
  session: DuckdbSession,
  relation: string,
): Promise<readonly (readonly [name: string, sqlType: string])[]> {
  const rows = await session.query(`DESCRIBE FROM ${relation}`);
  return rows.map((row) => [String(row["column_name"]), String(row["column_type"])] as const);
}

/** A table that holds no value at all. @param what why, where it is not for want of rows */
export function emptyTable(files: readonly TableFile[], what = "no rows"): OddflowError {
  const [first] = files;
  const which =
    files.length === 1 ? (first?.path ?? "") : `${first?.path} and ${files.length - 1} more files`;
  return new OddflowError("TABLE_EMPTY", `open table: ${which}: ${what}; check how it was written`);
}

/** A table whose records are all something else. @param leftOut what, in words, and how often */
export function noFlows(
  files: readonly TableFile[],
  leftOut: readonly (readonly [what: string, count: number])[],
): OddflowError {
  if (leftOut.length === 0) return emptyTable(files);
  const events = new Map<string, number>();
  for (const [what, count] of leftOut) events.set(what, (events.get(what) ?? 0) + count);
  return new OddflowError(
    "TABLE_EMPTY",
    `open table: ${files[0]?.path}: no flow, but ${leftOutText(events, String)}; let the sensor write its flows too`,
  );
}

/** What DuckDB throws for reasons that no file is to blame for. */
const NOT_THE_FILE = /^(Parser|Catalog|Out of Memory|INTERRUPT) Error/;

/**
 * Says what a failure to read files comes from: one that was changed meanwhile, the folder for temporary files, or else the
 * file that it is found in. What is ready for people, or nobody's fault of these, stays what it is.
 * @param relation makes the relation of some of the files
 */
export async function blameFile(
  operation: string,
  session: DuckdbSession,
  files: readonly TableFile[],
  relation: (files: readonly TableFile[]) => string,
  thrown: unknown,
): Promise<unknown> {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const change = await changeOf(operation, files);
  if (change !== undefined) return change;
  const temporary = temporaryFailure(operation, session.folder, thrown);
  if (temporary !== undefined) return temporary;
  if (thrown instanceof OddflowError || NOT_THE_FILE.test(message)) return thrown;
  const [named] = files
    .filter((file) => message.includes(file.path))
    .sort((a, b) => b.path.length - a.path.length);
  if (named !== undefined || files.length === 1)
    return readFailure(operation, named ?? (files[0] as TableFile), session.folder, thrown);
  for (const file of files) {
    const failure = await failureOf(session, relation([file]));
    if (failure !== undefined) return readFailure(operation, file, session.folder, failure);
  }
  return readFailure(operation, files[0] as TableFile, session.folder, thrown);
}

/** Reads every value of a relation, and gives what DuckDB threw. */
export async function failureOf(session: DuckdbSession, relation: string): Promise<unknown> {
  try {
    const columns = await describeRelation(session, relation);
    // A plain count would be answered from a Parquet file's footer.
    await session.query(
      `SELECT ${columns.map(([name]) => `max(hash(${nameSql(name)}))`).join(", ")} FROM ${relation}`,
    );
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}
