import { LONGEST_LINE } from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import { columnType, type StoredColumn, storedColumn } from "./column-storage.ts";
import { allCopied, type CsvPlan, type CsvPlans, headerCells, planFiles, rowTextOf } from "./csv-plans.ts";
import type { DuckdbSession } from "./duckdb-session.ts";
import { textIsNoNumber, textIsNumber } from "./number-text-sql.ts";
import { listSql, nameSql, optionsSql, textSql } from "./sql-text.ts";
import type { TableFile } from "./table-files.ts";
import { describeRelation, emptyTable, readerSql, type TableSource } from "./table-source.ts";

/** The rows that DuckDB looks at to find the types; its own default. */
const SAMPLED_ROWS = 20_480;

/** In place of a number of rows, to DuckDB too. */
const EVERY_ROW = -1;

/** A row of more letters may have more bytes than DuckDB takes unasked, two million. A letter has four at most. */
const LONG_ROW = 500_000;

/** Below 2^63 by more than the distance of two DOUBLE values there. */
const SAFE_BIGINT = "9.2e18";

const INTEGER_TEXT = "'[+-]?[0-9]+'";

type Described = readonly (readonly [name: string, sqlType: string])[];

/** What one reader of DuckDB's has to know of the files that it reads. */
type ReaderPlan = Omit<CsvPlan, "path" | "header" | "looseNumbers" | "reading" | "layout">;

/**
 * CSV and TSV files. The first line of each tells delimiter and names, and DuckDB finds the types from a sample; one pass over
 * all rows then holds the types against every value, counts the rows and finds lines that have too many or too few cells,
 * so that nothing of this can come up later in the stream. Times are read as the text that they are, so that they are
 * written back as they came.
 */
export async function openCsv(session: DuckdbSession, files: readonly TableFile[]): Promise<TableSource> {
  const plans = await planFiles(session, files);
  try {
    return await openPlanned(session, files, plans);
  } catch (thrown) {
    // The rules are those of `CsvRows`: it says what is wrong with the files, or writes what DuckDB can read.
    if (thrown instanceof OddflowError) throw thrown;
    return openPlanned(session, files, await allCopied(session, files, plans));
  }
}

async function openPlanned(
  session: DuckdbSession,
  files: readonly TableFile[],
  plans: CsvPlans,
): Promise<TableSource> {
  const everyRow = async (): Promise<TableSource> =>
    (await openTyped(session, files, plans, EVERY_ROW)) as TableSource;
  if (files.some((file) => plans.get(file.path)?.looseNumbers)) return everyRow();
  const source = await openTyped(session, files, plans, SAMPLED_ROWS).catch((thrown: unknown) => {
    if (/Error when converting column/.test(String(thrown))) return undefined;
    throw thrown;
  });
  // Where a value further down is not of the type that the sample suggested, every row is looked at.
  return source ?? everyRow();
}

/**
 * The files as an SQL table, those of one layout that follow each other in one reader. Every statement tells DuckDB the whole
 * dialect, so that none looks at a sample again.
 * @param types of some or all columns
 */
function readCsvSql(
  files: readonly TableFile[],
  plans: CsvPlans,
  types: Described,
  options: readonly string[],
  pathColumn?: string,
): string {
  const readers = alike(files, plans).map(({ plan, some }) => {
    const own = types.filter(([name]) => plan.names.includes(name));
    const typed = own.length > 0 ? [`types = ${optionsSql(own)}`] : [];
    const union = some.length > 1 ? ["union_by_name = true"] : [];
    return readerSql("read_csv", some, [...layoutOptions(plan), ...union, ...typed, ...options], pathColumn);
  });
  const [only = ""] = readers;
  if (readers.length <= 1) return only;
  return `(${readers.map((reader) => `SELECT * FROM ${reader}`).join(" UNION ALL BY NAME ")})`;
}

function layoutOptions(plan: ReaderPlan): readonly string[] {
  const { delimiter, skippedLines, hasHeader, names, longest } = plan;
  return [
    ...(longest !== undefined && longest > LONG_ROW ? [`max_line_size = ${4 * LONGEST_LINE}`] : []),
    // A copy's lines end so. DuckDB would take the first \r\n for a line's end, which may stand within quotes.
    ...(longest === undefined ? [] : ["new_line = '\\n'"]),
    `delim = ${textSql(delimiter)}`,
    // No row is a comment and none is skipped: a row that is left out unseen would go unscored.
    `quote = '"', escape = '"', comment = '', skip = ${skippedLines}, header = ${hasHeader}`,
    `names = ${listSql(names.map(textSql))}`,
  ];
}

/** Files of one layout that follow each other. */
function alike(
  files: readonly TableFile[],
  plans: CsvPlans,
): readonly { readonly plan: ReaderPlan; readonly some: readonly TableFile[] }[] {
  const groups: { plan: ReaderPlan; key: string; some: TableFile[] }[] = [];
  for (const file of files) {
    const plan = plans.get(file.path) as CsvPlan;
    const {
      path,
      header: _header,
      looseNumbers: _looseNumbers,
      reading: _reading,
      layout: _layout,
      ...layout
    } = plan;
    const key = JSON.stringify(layout);
    const last = groups.at(-1);
    if (last?.key === key) last.some.push({ ...file, path });
    else groups.push({ plan: layout, key, some: [{ ...file, path }] });
  }
  return groups;
}

/** The table with the types of a sample; undefined where they do not fit all rows. */
async function openTyped(
  session: DuckdbSession,
  files: readonly TableFile[],
  plans: CsvPlans,
  sample: number,
): Promise<TableSource | undefined> {
  const typed = (some: readonly TableFile[], types: Described, pathColumn?: string): string =>
    readCsvSql(some, plans, types, ["sample_size = 1"], pathColumn);

  const described = await describeRelation(
    session,
    readCsvSql(files, plans, [], [`sample_size = ${sample}`]),
  );
  const textRelation = readCsvSql(files, plans, [], ["all_varchar = true, sample_size = 1"]);
  const sampled = sample === EVERY_ROW ? textRelation : `(FROM ${textRelation} LIMIT ${sample})`;
  const plan = await planColumns(session, described, sampled);
  const { rows, columns, fits } = await survey(session, plan, (types) => typed(files, types));
  if (rows === 0) throw emptyTable(files);
  if (!fits && sample !== EVERY_ROW) return undefined;
  const types = plan.map(({ name, sqlType }) => [name, sqlType] as const);
  const cells = headerCells(plans);
  return {
    columns: columns.map((column) => {
      const headerCell = cells.get(column.name);
      return headerCell === undefined ? column : { ...column, headerCell };
    }),
    rows,
    isText: true,
    ...rowTextOf(plans),
    readings: [...plans.values()].map(({ reading }) => reading),
    copies: new Map(
      files.flatMap((file) => {
        const path = plans.get(file.path)?.path;
        return path === undefined || path === file.path ? [] : [[path, file] as const];
      }),
    ),
    relation: (some, pathColumn, asText) =>
      typed(
        some,
        types.map(([name, sqlType]) => [name, asText?.has(name) ? "VARCHAR" : sqlType]),
        pathColumn,
      ),
    ...(alike(files, plans).length > 1
      ? { columnsOf: (file: TableFile) => new Set(plans.get(file.path)?.names) }
      : {}),
  };
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
      // A time of day, as half a MAC address looks like one, says nothing of when.
      isTime: /^(DATE|TIMESTAMP)/.test(sqlType) && !numbers,
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
