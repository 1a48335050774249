import { findSensor } from "@oddflow/flow-sources";
import { OddflowError, type TextForms, timeCandidates } from "@oddflow/preprocessing";
import { doubleSql } from "./coding-sql.ts";
import { columnSql, type StoredColumn } from "./column-storage.ts";
import { findColumns, tableName } from "./find-columns.ts";
import { firstWhere } from "./first-value.ts";
import type { OpenTable } from "./flow-table.ts";
import { isoTimeSql } from "./iso-time-sql.ts";
import { textIsMissing, textIsNumber } from "./number-text-sql.ts";
import { textForms, trimmedTextSql } from "./text-columns.ts";

/** A time column as SQL. */
export interface TimeSql {
  /** DOUBLE; NULL where there is no time. */
  readonly value: string;
  /** Seconds since 1970; where not, numbers whose unit their size tells. */
  readonly isSeconds: boolean;
}

/** `FlowTable.timeColumn`. */
export async function timeColumn(open: OpenTable): Promise<string | undefined> {
  // A folder's date is that of many flows.
  const columns = open.source.columns.filter(({ folderValues }) => folderValues === undefined);
  const sensor = findSensor(columns.map(({ name }) => name));
  const candidates = timeCandidates(columns, sensor?.times);
  for (const column of candidates) {
    if (typedTimeSql(column) !== undefined) return column.name;
    if (isText(column) && formOf(await formsOf(open, column)) !== undefined) return column.name;
  }
  // Read all the same, it tells which of its values is no time.
  return candidates.find(isText)?.name;
}

/**
 * How to read a column's times.
 * @throws OddflowError COLUMNS_MISSING; COLUMN_TYPE, which names the first value that is no time and its row.
 */
export async function timeSql(open: OpenTable, name: string): Promise<TimeSql> {
  const column = findColumns(open.source.columns, [name], open.files)[0] as StoredColumn;
  const typed = typedTimeSql(column);
  if (typed !== undefined) return typed;
  if (!isText(column)) {
    throw new OddflowError(
      "COLUMN_TYPE",
      `read times: column "${name}" of ${tableName(open.files)} is ${column.sqlType}, ` +
        "dates with times or numbers since 1970 are expected; name another column",
    );
  }
  const forms = await formsOf(open, column);
  const form = formOf(forms) ?? "times";
  if (forms[form] < forms.present) throw await noTime(open, column, form, forms.present - forms[form]);
  return textTimeSql(column, form);
}

/**
 * When each flow was, as SQL: a DOUBLE in the unit of the table's time column, NULL where there is no time or one that cannot be
 * read; undefined for a table without such a column.
 */
export async function flowTimeSql(open: OpenTable): Promise<string | undefined> {
  const name = await timeColumn(open);
  if (name === undefined) return undefined;
  const column = findColumns(open.source.columns, [name], open.files)[0] as StoredColumn;
  const typed = typedTimeSql(column);
  if (typed !== undefined) return typed.value;
  const form = formOf(await formsOf(open, column));
  return form && textTimeSql(column, form).value;
}

function textTimeSql(column: StoredColumn, form: "times" | "numbers"): TimeSql {
  return form === "times"
    ? { value: isoTimeSql(trimmedTextSql(column)), isSeconds: true }
    : { value: doubleSql({ ...column, storage: "text" }), isSeconds: false };
}

function typedTimeSql(column: StoredColumn): TimeSql | undefined {
  if (/^(DATE|TIMESTAMP)/.test(column.sqlType)) {
    return { value: `epoch(${columnSql(column)})::DOUBLE`, isSeconds: true };
  }
  if (column.type !== "integer" && column.type !== "number") return undefined;
  return { value: doubleSql(column), isSeconds: false };
}

function isText(column: StoredColumn): boolean {
  return column.storage === "text" || column.storage === "json";
}

/** In which form a column of text holds times: the one that most of its values have, or undefined. */
function formOf({ present, times, numbers }: TextForms): "times" | "numbers" | undefined {
  if (2 * times > present) return "times";
  return 2 * numbers > present ? "numbers" : undefined;
}

async function formsOf(open: OpenTable, column: StoredColumn): Promise<TextForms> {
  const [forms] = await textForms(open, [column]);
  return forms ?? { present: 0, times: 0, numbers: 0, noNumbers: 0 };
}

async function noTime(
  open: OpenTable,
  column: StoredColumn,
  form: "times" | "numbers",
  count: number,
): Promise<OddflowError> {
  const text = trimmedTextSql(column);
  const isTime = form === "times" ? `(${isoTimeSql(text)}) IS NOT NULL` : textIsNumber(text);
  const { row, value, table } = await firstWhere(
    open,
    column,
    `NOT ${textIsMissing(text)} AND NOT (${isTime})`,
  );
  const shown = value.length > 60 ? `${value.slice(0, 57)}...` : value;
  return new OddflowError(
    "COLUMN_TYPE",
    `read times: column "${column.name}" of ${table}: ${count.toLocaleString("en-US")} of ` +
      `${open.source.rows.toLocaleString("en-US")} values ${count === 1 ? "is no time" : "are no times"}, ` +
      `the first is ${JSON.stringify(shown)} in row ${row.toLocaleString("en-US")}; write ` +
      `${form === "times" ? "times as 2025-01-31T23:59:59Z" : "numbers since 1970"}, or name another column`,
  );
}
