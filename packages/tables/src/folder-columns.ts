import { dirname, join } from "node:path";
import { OddflowError } from "@oddflow/preprocessing";
import type { StoredColumn } from "./column-storage.ts";
import { nameSql, textSql } from "./sql-text.ts";
import type { TableFile } from "./table-files.ts";
import type { TableSource } from "./table-source.ts";

/*
 * Columns that stand in the names of a file's folders, `day=2025-01-01/part-0.parquet`, as Hive, Spark, pyarrow and DuckDB write
 * them. All are text, so that 01 stays 01. DuckDB could read them, but would put them over a file's own columns.
 */

/** What stands for no value. */
const NO_VALUE = "__HIVE_DEFAULT_PARTITION__";

/** DuckDB's column of the files' paths; no file's column is called so. */
export const PATH_COLUMN = "oddflow folder";

interface Folder {
  readonly key: string;
  /** As it is written in the path. */
  readonly writtenKey: string;
  /** Null where there is none. */
  readonly value: string | null;
}

/**
 * A table's source with the columns that its folders hold, behind its own. A column that the files hold themselves is theirs.
 * @throws OddflowError TABLE_UNREADABLE where files differ in these columns, or one has a column twice
 */
export function withFolderColumns(source: TableSource, files: readonly TableFile[]): TableSource {
  const foldersOf = new Map(files.map((file) => [file.path, readFolders(file)]));
  const columns = folderColumns(source, files, foldersOf);
  if (columns.length === 0) return source;
  const names = columns.map(({ name }) => name);
  return {
    ...source,
    columns: [...source.columns, ...columns],
    columnsOf: (file) => new Set([...ownColumns(source, file), ...names]),
    relation(some, pathColumn, asText) {
      const path = pathColumn ?? PATH_COLUMN;
      const own = source.relation(some, path, asText);
      const values = columns.map(
        (column) => `${folderValueSql(column, some, path)} AS ${nameSql(column.name)}`,
      );
      const hidden = pathColumn === undefined ? ` EXCLUDE (${nameSql(path)})` : "";
      return `(SELECT *${hidden}, ${values.join(", ")} FROM ${own})`;
    },
  };
}

/** Where a copy of a file is to lie, so that its path says what the file's own does. */
export function copyPath(folder: string, file: Pick<TableFile, "path">, name: string): string {
  return join(folder, ...folderNames(file).filter((level) => readFolder(level) !== undefined), name);
}

function folderColumns(
  source: TableSource,
  files: readonly TableFile[],
  foldersOf: ReadonlyMap<string, readonly Folder[]>,
): readonly StoredColumn[] {
  const keys = new Map([...foldersOf.values()].flat().map(({ key }) => [key.toLowerCase(), key]));
  const columns: StoredColumn[] = [];
  for (const [lower, name] of keys) {
    const holders = files.filter((file) => hasName(ownColumns(source, file), lower));
    if (holders.length === files.length) continue;
    const values = new Map<string, string | null>();
    const [holder] = holders;
    const inFolder = files.find((file) => folderOf(foldersOf, file, lower) !== undefined) as TableFile;
    if (holder !== undefined) {
      const what = `holds a column "${name}", which stands in the folders' names of ${inFolder.path}`;
      throw differ(holder, what);
    }
    for (const file of files) {
      const folder = folderOf(foldersOf, file, lower);
      if (folder === undefined) throw differ(file, `is in no folder ${name}=..., as ${inFolder.path} is`);
      values.set(file.path, folder.value);
    }
    columns.push({ name, type: "text", storage: "text", sqlType: "VARCHAR", folderValues: values });
  }
  return columns;
}

function ownColumns({ columns, columnsOf }: TableSource, file: TableFile): ReadonlySet<string> {
  return columnsOf?.(file) ?? new Set(columns.map(({ name }) => name));
}

function hasName(names: ReadonlySet<string>, lower: string): boolean {
  for (const name of names) if (name.toLowerCase() === lower) return true;
  return false;
}

function folderOf(
  foldersOf: ReadonlyMap<string, readonly Folder[]>,
  { path }: TableFile,
  lower: string,
): Folder | undefined {
  return foldersOf.get(path)?.find(({ key }) => key.toLowerCase() === lower);
}

/** @throws OddflowError TABLE_UNREADABLE */
function readFolders(file: TableFile): readonly Folder[] {
  const folders = folderNames(file).flatMap((name) => readFolder(name) ?? []);
  for (const [k, { key, value }] of folders.entries()) {
    const other = folders.slice(0, k).find((before) => before.key.toLowerCase() === key.toLowerCase());
    if (other === undefined || (other.key === key && other.value === value)) continue;
    throw differ(file, `is in folders of two values, ${other.key}=${other.value} and ${key}=${value}`);
  }
  return folders;
}

function folderNames({ path }: Pick<TableFile, "path">): readonly string[] {
  return dirname(path).split(/[/\\]/);
}

/** What a folder's name says; undefined where it is none of these. As in DuckDB, there is one = in it, and something before. */
function readFolder(name: string): Folder | undefined {
  const [, writtenKey, text] = /^([^=]+)=([^=]*)$/.exec(name) ?? [];
  if (writtenKey === undefined || text === undefined) return undefined;
  return { key: decoded(writtenKey), writtenKey, value: text === NO_VALUE ? null : decoded(text) };
}

/** Percent codes stand for the bytes of UTF-8; a text with some that do not stays as it is written. */
function decoded(text: string): string {
  try {
    return text.replace(/(?:%[0-9a-f]{2})+/gi, decodeURIComponent);
  } catch {
    return text;
  }
}

/** The value that the folders of some of a table's files give a column, by the path of the row's file, as SQL. */
export function folderValueSql(
  { name, folderValues = new Map() }: Pick<StoredColumn, "name" | "folderValues">,
  files: readonly TableFile[],
  path: string,
): string {
  const values = new Set(files.map((file) => folderValues.get(file.path) ?? null));
  const [value = null, ...others] = values;
  if (others.length === 0) return value === null ? "NULL::VARCHAR" : `${textSql(value)}::VARCHAR`;
  const folders = files.flatMap(readFolders).filter(({ key }) => key.toLowerCase() === name.toLowerCase());
  const keys = [...new Set(folders.map(({ writtenKey }) => writtenKey))].map(quotedPattern).join("|");
  const text = `regexp_extract(${nameSql(path)}, ${textSql(`(?:^|[/\\\\])(?:${keys})=([^=/\\\\]*)[/\\\\]`)}, 1)`;
  return `CASE WHEN ${text} = '${NO_VALUE}' THEN NULL ELSE coalesce(TRY(url_decode(${text})), ${text}) END`;
}

/** A text as a pattern that fits it alone. */
function quotedPattern(text: string): string {
  return text.replace(/[^A-Za-z0-9_\u0080-\uffff]/g, "\\$&");
}

function differ(file: TableFile, what: string): OddflowError {
  return new OddflowError(
    "TABLE_UNREADABLE",
    `open table: ${file.path} ${what}; name files whose folders are called by the same columns`,
  );
}
