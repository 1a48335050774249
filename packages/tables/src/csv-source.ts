import { columnType, type StoredColumn, storedColumn } from "./column-storage.ts";
import { type CsvDialect, findDialect } from "./csv-dialect.ts";
import type { DuckdbSession } from "./duckdb-session.ts";
import { textIsNoNumber, textIsNumber } from "./number-text-sql.ts";
import { nameSql, optionsSql, textSql } from "./sql-text.ts";
import { literalPath, type TableFile } from "./table-files.ts";
import { describeRelation, emptyTable, readerSql, type TableSource } from "./table-source.ts";

/** The rows that DuckDB looks at to find the types; its own default. */
const SAMPLED_ROWS = 20_480;

/** In place of a number of rows, to DuckDB too. */
const EVERY_ROW = -1;

/** Below 2^63 by more than the distance of two DOUBLE values there. */
const SAFE_BIGINT = "9.2e18";

const INTEGER_TEXT = "'[+-]?[0-9]+'";

type Described = readonly (readonly [name: string, sqlType: string])[];

/**
 * CSV and TSV files. The delimiter is the one of the first line, and DuckDB finds the types from a sample; one pass over
 * all rows then holds the types against every value, counts the rows and finds lines that have too many or too few cells,
 * so that nothing of this can come up later in the stream. Times are read as the text that they are, so that they are
 * written back as they came.
 */
export async function openCsv(session: DuckdbSession, files: readonly TableFile[]): Promise<TableSource> {
  const dialect = await findDialect(files[0] as TableFile);
  try {
    const options = await dialectOptions(session, files, dialect);
    const source = await openTyped(session, files, options, SAMPLED_ROWS).catch((thrown: unknown) => {
      if (/Error when converting column/.test(String(thrown))) return undefined;
      throw thrown;
    });
    // Where a value further down is not of the type that the sample suggested, every row is looked at.
    return source ?? ((await openTyped(session, files, options, EVERY_ROW)) as TableSource);
  } catch (thrown) {
    if (/Error when sniffing/.test(String(thrown))) {
      for (const file of files) await session.query(`SELECT count(*) FROM ${plainReader(file, dialect)}`);
    }
    throw thrown;
  }
}

/** What every statement about the table tells DuckDB's reader, so that none looks at a sample again. */
async function dialectOptions(
  session: DuckdbSession,
  files: readonly TableFile[],
  { delimiter }: CsvDialect,
): Promise<readonly string[]> {
  const options = [
    `delim = ${textSql(delimiter)}`,
    // No row is a comment and none is skipped: a row that is left out unseen would go unscored.
    `quote = '"', comment = '', skip = 0`,
  ];
  const path = textSql(literalPath((files[0] as TableFile).path));
  const [found] = await session.query(
    `SELECT HasHeader AS header, "Escape" AS escape FROM sniff_csv(${[path, ...options].join(", ")})`,
  );
  const escaped = found?.["escape"] === "\\" ? "\\" : '"';
  const union = files.length > 1 ? ["union_by_name = true"] : [];
  return [...options, `header = ${found?.["header"] === true}, escape = '${escaped}'`, ...union];
}

/** The table with the types of a sample; undefined where they do not fit all rows. */
async function openTyped(
  session: DuckdbSession,
  files: readonly TableFile[],
  dialect: readonly string[],
  sample: number,
): Promise<TableSource | undefined> {
  const reader = (some: readonly TableFile[], ...options: readonly string[]): string =>
    readerSql("read_csv", some, [...dialect, ...options]);
  const typed = (some: readonly TableFile[], types: Described, options: readonly string[] = []): string =>
    reader(some, `types = ${optionsSql(types)}, sample_size = 1`, ...options);

  const described = await describeRelation(session, reader(files, `sample_size = ${sample}`));
  const textRelation = reader(files, "all_varchar = true, sample_size = 1");
  const sampled = sample === EVERY_ROW ? textRelation : `(FROM ${textRelation} LIMIT ${sample})`;
  const plan = await planColumns(session, described, sampled);
  const { rows, columns, fits } = await survey(session, plan, (types) => typed(files, types));
  if (rows === 0) throw emptyTable(files);
  if (!fits && sample !== EVERY_ROW) return undefined;
  const types = plan.map(({ name, sqlType }) => [name, sqlType] as const);
  return {
    columns,
    rows,
    textRelation,
    relation: (some, option) => typed(some, types, option === undefined ? [] : [option]),
  };
}

/** Reads a file as nothing but cells: what it throws names the line that has too many or too few of them. */
function plainReader(file: TableFile, { delimiter, width }: CsvDialect): string {
  const columns = Array.from({ length: width }, (_, index) => [`c${index}`, "VARCHAR"] as const);
  return readerSql(
    "read_csv",
    [file],
    [
      `auto_detect = false, delim = ${textSql(delimiter)}, quote = '"', escape = '"', header = true`,
      `columns = ${optionsSql(columns)}`,
    ],
  );
}

interface ColumnPlan {
  readonly name: string;
  /** The type to read it with. */
  readonly sqlType: string;
  readonly isTime: boolean;
  /** A column of text that may turn out to be nothing but numbers and texts such as "-". */
  readonly mayBeNumbers: boolean;
}

/**
 * How to read the columns: as text where the type that DuckDB found would not give the value back as it was.
 * @param sample the rows that DuckDB found the types from, each value as text
 */
async function planColumns(
  session: DuckdbSession,
  described: Described,
  sample: string,
): Promise<readonly ColumnPlan[]> {
  const checks = described.map(([name], index) => {
    const column = nameSql(name);
    return (
      `count_if(${textIsNoNumber(column)}) = 0 AS numbers${index}, ` +
      `count_if(NOT regexp_full_match(${column}, ${INTEGER_TEXT})) = 0 AS integers${index}`
    );
  });
  const [found] = await session.query(`SELECT ${checks.join(", ")} FROM ${sample}`);
  return described.map(([name, sqlType], index) => {
    const numbers = found?.[`numbers${index}`] === true;
    // Whole numbers that are DOUBLE and not BIGINT are wider than 64 bits: identifiers, whose digits must stay.
    const isWide = sqlType === "DOUBLE" && found?.[`integers${index}`] === true;
    // To DuckDB, 0x1b is an integer and "infinity" a date.
    const isText = columnType(sqlType) === "time" || isWide || (isNumeric(sqlType) && !numbers);
    return {
      name,
      sqlType: isText ? "VARCHAR" : sqlType,
      isTime: columnType(sqlType) === "time" && !numbers,
      mayBeNumbers: (isText || sqlType === "VARCHAR") && numbers,
    };
  });
}

function isNumeric(sqlType: string): boolean {
  return sqlType === "BIGINT" || sqlType === "DOUBLE";
}

/**
 * Reads every value once: counts the rows, sees which columns of text hold numbers only, and whether all values fit the
 * types they are to be read with.
 */
async function survey(
  session: DuckdbSession,
  plan: readonly ColumnPlan[],
  reader: (types: Described) => string,
): Promise<{ rows: number; columns: readonly StoredColumn[]; fits: boolean }> {
  const counts = plan.map(({ name, sqlType, mayBeNumbers }, index) => {
    const column = nameSql(name);
    // Counting a column makes DuckDB convert each of its values.
    const present = `count(${column}) AS present${index}`;
    if (sqlType === "BIGINT") {
      const fits = `${column} = trunc(${column}) AND abs(${column}) < ${SAFE_BIGINT}`;
      return `${present}, count_if(NOT (${fits})) AS misfits${index}`;
    }
    if (!mayBeNumbers) return present;
    return (
      `${present}, count_if(${textIsNoNumber(column)}) AS texts${index}, ` +
      `count_if(${textIsNumber(column)}) AS numbers${index}, ` +
      `count_if(regexp_full_match(${column}, ${INTEGER_TEXT})) AS integers${index}`
    );
  });
  // Integers are read as DOUBLE here: read as BIGINT, 0x1b would be 27 without a word.
  const relation = reader(plan.map(({ name, sqlType }) => [name, sqlType === "BIGINT" ? "DOUBLE" : sqlType]));
  const [counted] = await session.query(`SELECT count(*) AS rows, ${counts.join(", ")} FROM ${relation}`);
  const count = (name: string): number => Number(counted?.[name] ?? 0);
  const columns = plan.map(({ name, sqlType, isTime, mayBeNumbers }, index): StoredColumn => {
    const column = storedColumn(name, sqlType);
    if (isTime) return { ...column, type: "time" };
    const numbers = count(`numbers${index}`);
    if (!mayBeNumbers || count(`texts${index}`) > 0 || numbers === 0) return column;
    // To everyone but DuckDB this is a column of numbers.
    return { ...column, type: numbers === count(`integers${index}`) ? "integer" : "number" };
  });
  const blank = plan.every((_, index) => count(`present${index}`) === 0);
  const fits = plan.every((_, index) => count(`misfits${index}`) === 0);
  return { rows: blank ? 0 : count("rows"), columns, fits };
}
