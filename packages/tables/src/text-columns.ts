import type { TextForms } from "@oddflow/preprocessing";
import { noNumberSql, valueTextSql } from "./coding-sql.ts";
import type { StoredColumn } from "./column-storage.ts";
import { queryTable } from "./distinct-values.ts";
import type { OpenTable } from "./flow-table.ts";
import { isoTimeSql } from "./iso-time-sql.ts";
import { textIsMissing, textIsNumber } from "./number-text-sql.ts";

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
      `count_if(${textIsNumber(text)}) AS numbers${index}, count_if(${noNumberSql(column) ?? "false"}) AS others${index}`
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
    noNumbers: count(`others${index}`),
  }));
}

/** A text without the space around it, as SQL. */
export function trimmedTextSql(column: StoredColumn): string {
  return `trim(${valueTextSql(column)}, ' \t\r\n')`;
}
