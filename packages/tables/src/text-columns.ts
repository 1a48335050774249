import { type OddflowError, textAmongNumbers } from "@oddflow/preprocessing";
import { noNumberSql, valueTextSql } from "./coding-sql.ts";
import type { StoredColumn } from "./column-storage.ts";
import { queryTable } from "./distinct-values.ts";
import { firstWhere } from "./first-value.ts";
import type { OpenTable } from "./flow-table.ts";
import { isoTimeSql } from "./iso-time-sql.ts";
import { textIsMissing, textIsNumber } from "./number-text-sql.ts";

/** A column of text is numbers with slips where at most this share of its values is none, or one of twenty or more. */
const MOST_SLIPS = 0.01;
const FEWEST_NUMBERS = 20;

/** What a column of text holds. */
export interface TextForms {
  /** Values that are not missing. */
  readonly present: number;
  /** How many of them are ISO 8601 times, and how many are numbers. */
  readonly times: number;
  readonly numbers: number;
}

/** Looks at every value of some columns of text, in one pass. */
export async function textForms(
  open: OpenTable,
  columns: readonly StoredColumn[],
): Promise<readonly TextForms[]> {
  if (columns.length === 0) return [];
  const counts = columns.map((column, index) => {
    const text = trimmedTextSql(column);
    return (
      `count_if(NOT ${textIsMissing(text)}) AS present${index}, count(${isoTimeSql(text)}) AS times${index}, ` +
      `count_if(${textIsNumber(text)}) AS numbers${index}`
    );
  });
  const [row] = await queryTable(
    open,
    `SELECT ${counts.join(", ")} FROM ${open.source.relation(open.files)}`,
  );
  const count = (name: string): number => Number(row?.[name]);
  return columns.map((_, index) => ({
    present: count(`present${index}`),
    times: count(`times${index}`),
    numbers: count(`numbers${index}`),
  }));
}

/** A text without the space around it, as SQL. */
export function trimmedTextSql(column: StoredColumn): string {
  return `trim(${valueTextSql(column)}, ' \t\r\n')`;
}

/** Whether a column of text is numbers but for a few slips, which scoring would refuse: so does training. */
export function isNumbersWithSlips({ present, numbers }: TextForms): boolean {
  const slips = present - numbers;
  return slips > 0 && numbers >= FEWEST_NUMBERS && slips <= Math.max(1, MOST_SLIPS * present);
}

/** COLUMN_TYPE, with the first value of a column that is no number. */
export async function numberSlip(open: OpenTable, column: StoredColumn): Promise<OddflowError> {
  const condition = noNumberSql(column) ?? "false";
  const [counted] = await queryTable(
    open,
    `SELECT count_if(${condition}) AS texts FROM ${open.source.relation(open.files)}`,
  );
  const { row, value, path } = await firstWhere(open, column, condition);
  return textAmongNumbers({
    table: path,
    column: column.name,
    texts: Number(counted?.["texts"]),
    rows: open.source.rows,
    value,
    row,
  });
}
