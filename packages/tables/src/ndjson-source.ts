import { createInterface } from "node:readline";
import { OddflowError } from "@oddflow/preprocessing";
import { columnType, type StoredColumn, storedColumn } from "./column-storage.ts";
import type { DuckdbSession } from "./duckdb-session.ts";
import { nameSql, optionsSql } from "./sql-text.ts";
import { readText, type TableFile } from "./table-files.ts";
import { describeRelation, emptyTable, readerSql, type TableSource } from "./table-source.ts";

/** The records that DuckDB looks at to find the columns and their types; its own default. */
const SAMPLED_ROWS = 20_480;

/** In place of a number of records, to DuckDB too. */
const EVERY_ROW = -1;

/** Below 2^63 by more than the distance of two DOUBLE values there. */
const SAFE_BIGINT = "9.2e18";

type Described = readonly (readonly [name: string, sqlType: string])[];

/**
 * JSON lines (a .json file may also be a list of objects). DuckDB finds columns and types from a sample; two passes over
 * all records then look for keys that the sample lacked and values that are of another type. Where there are some, DuckDB
 * looks at every record. Times are read as the text that they are, nested values as JSON, so that nothing is lost.
 */
export async function openNdjson(session: DuckdbSession, files: readonly TableFile[]): Promise<TableSource> {
  const plain = files.some((file) => /\.json(\.gz)?$/i.test(file.path));
  const format = `format = '${plain ? "auto" : "newline_delimited"}'`;
  const reader = (some: readonly TableFile[], options: readonly string[]): string =>
    readerSql("read_json", some, [format, ...options]);

  const keys = await findKeys(session, files, readerSql("read_json_objects", files, [format])).catch(
    async (thrown: unknown) => {
      throw (plain ? undefined : await brokenLine(files)) ?? thrown;
    },
  );
  if (keys.length === 0) throw emptyTable(files);
  checkNames(keys, files);

  const open = async (sample: number): Promise<TableSource | undefined> => {
    const described = await describeRelation(
      session,
      // A record is a row of columns, however few of the keys each record has: never a map.
      reader(files, [
        `sample_size = ${sample}`,
        "map_inference_threshold = -1",
        "field_appearance_threshold = 0",
      ]),
    );
    const known = new Set(described.map(([name]) => name));
    if (keys.some((key) => !known.has(key))) return undefined;
    const columns = described.map(([name, sqlType]) => jsonColumn(name, sqlType));
    const relation: TableSource["relation"] = (some, options) =>
      reader(some, [
        `columns = ${optionsSql(columns.map((column) => [column.name, column.sqlType]))}`,
        ...(options === undefined ? [] : [options]),
      ]);
    const { rows, fits } = await survey(
      session,
      (types) => reader(files, [`columns = ${optionsSql(types)}`]),
      columns,
    );
    if (rows === 0) throw emptyTable(files);
    return fits || sample === EVERY_ROW ? { columns, rows, relation } : undefined;
  };
  const source = await open(SAMPLED_ROWS).catch((thrown: unknown) => {
    if (/JSON transform error/.test(String(thrown))) return undefined;
    throw thrown;
  });
  const whole = source ?? (await open(EVERY_ROW));
  if (whole === undefined) throw new Error(`DuckDB found none of the columns for some of ${keys.join(", ")}`);
  return whole;
}

/** Every key that some record has. */
async function findKeys(
  session: DuckdbSession,
  files: readonly TableFile[],
  objects: string,
): Promise<readonly string[]> {
  const keys = "CASE json_type(json) WHEN 'OBJECT' THEN json_keys(json) ELSE [NULL]::VARCHAR[] END";
  const rows = await session.query(`SELECT DISTINCT unnest(${keys}) AS key FROM ${objects}`);
  if (rows.some((row) => row["key"] === null)) {
    throw unreadable(
      files[0] as TableFile,
      "it holds a value that is no JSON object; make each record an object",
    );
  }
  return rows.map((row) => String(row["key"]));
}

/** The first line that is no JSON object. DuckDB's count of lines is off by one. */
async function brokenLine(files: readonly TableFile[]): Promise<OddflowError | undefined> {
  for (const file of files) {
    let number = 0;
    for await (const line of createInterface({ input: readText(file), crlfDelay: Infinity })) {
      number++;
      const text = number === 1 ? line.replace(/^\ufeff/, "") : line;
      if (text.trim() !== "" && !isJsonObject(text)) return notJson(file, number, text);
    }
  }
  return undefined;
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function notJson(file: TableFile, number: number, text: string): OddflowError {
  const shown = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return unreadable(file, `line ${number} is no JSON object: ${JSON.stringify(shown)}; correct or remove it`);
}

function unreadable(file: TableFile, problem: string): OddflowError {
  return new OddflowError(
    "TABLE_UNREADABLE",
    `open table: ${file.path} cannot be read as JSON lines: ${problem}`,
  );
}

function jsonColumn(name: string, sqlType: string): StoredColumn {
  const type = columnType(sqlType);
  // "text" and "time" hold what the JSON text holds; UUID, for one, would be written back in another letter case.
  if (type === "time" || (type === "text" && sqlType !== "JSON"))
    return { ...storedColumn(name, "VARCHAR"), type };
  return { ...storedColumn(name, type === "other" ? "JSON" : sqlType), type };
}

/**
 * Counts the records and sees whether each value fits its column. DuckDB would read 1.5 as 2 in a column of integers and
 * 5 as true in a column of booleans without a word.
 */
async function survey(
  session: DuckdbSession,
  relation: (types: Described) => string,
  columns: readonly StoredColumn[],
): Promise<{ rows: number; fits: boolean }> {
  const checks = columns.map((column): readonly [sqlType: string, misfits: string] => {
    const name = nameSql(column.name);
    switch (column.sqlType) {
      case "BIGINT":
        return ["DOUBLE", `count_if(NOT (${name} = trunc(${name}) AND abs(${name}) < ${SAFE_BIGINT}))`];
      case "BOOLEAN":
        return ["JSON", `count_if(json_type(${name}) <> 'BOOLEAN')`];
      default:
        // Never so, but DuckDB has to read the value to see it.
        return [column.sqlType, `count_if(hash(${name}) IS NULL)`];
    }
  });
  const types = columns.map((column, index) => [column.name, checks[index]?.[0] ?? column.sqlType] as const);
  const misfits = checks.map(([, sql]) => sql).join(" + ");
  const [counted] = await session.query(
    `SELECT count(*) AS rows, ${misfits} AS misfits FROM ${relation(types)}`,
  );
  return { rows: Number(counted?.["rows"]), fits: Number(counted?.["misfits"]) === 0 };
}

/** Refuses names that DuckDB's columns cannot have: none at all, and two that differ in letter case only. */
function checkNames(keys: readonly string[], files: readonly TableFile[]): void {
  const file = files[0] as TableFile;
  const seen = new Map<string, string>();
  for (const key of keys) {
    if (key === "") throw unreadable(file, 'a record has the key "", which is no name; rename it');
    const other = seen.get(key.toLowerCase());
    if (other !== undefined) {
      throw unreadable(file, `the keys "${other}" and "${key}" differ in letter case only; rename one`);
    }
    seen.set(key.toLowerCase(), key);
  }
}
