import { BETWEEN_HOSTS } from "@oddflow/flow-sources";
import { CALENDAR, FARTHEST_TIME, timeUnitOf } from "@oddflow/preprocessing";
import type { StoredColumn } from "./column-storage.ts";
import { queryTable } from "./distinct-values.ts";
import { findColumns } from "./find-columns.ts";
import type { OpenTable } from "./flow-table.ts";
import { textIsMissing } from "./number-text-sql.ts";
import { textSql } from "./sql-text.ts";
import { trimmedTextSql } from "./text-columns.ts";
import { timeSql } from "./time-sql.ts";

/** Which columns say whose a flow is, and when it was. */
export interface HostColumns {
  /** What a host is, as lists of columns: of each list the first that has a value, joined where there are several. */
  readonly entity: readonly (readonly string[])[];
  /** The column of times. */
  readonly time: string;
}

/**
 * A flow's host, as text, and its time, in seconds since 1970, as SQL; NULL where it has none.
 * @throws OddflowError COLUMNS_MISSING; COLUMN_TYPE where the time column holds something else
 */
export async function hostFlowsSql(
  open: OpenTable,
  columns: HostColumns,
): Promise<{ readonly host: string; readonly time: string }> {
  const ends = columns.entity.map((names) =>
    firstValueSql(findColumns(open.source.columns, names, open.files)),
  );
  const time = await timeSql(open, columns.time);
  const unit = time.isSeconds ? 1 : await timeUnit(open, time.value);
  return { host: ends.join(` || ${textSql(BETWEEN_HOSTS)} || `), time: `(${time.value} / ${unit})` };
}

/** Whether a time is one of a calendar's, as SQL. */
export function inCalendarSql(time: string): string {
  return `${time} BETWEEN ${CALENDAR.from} AND ${CALENDAR.to}`;
}

/** The first of some columns that has a value, as text; NULL where none has. */
export function firstValueSql(columns: readonly StoredColumn[]): string {
  const values = columns.map((column) => {
    const text = trimmedTextSql(column);
    return `CASE WHEN ${text} = '' OR ${textIsMissing(text)} THEN NULL ELSE ${text} END`;
  });
  return `coalesce(${[...values, "NULL::VARCHAR"].join(", ")})`;
}

/** How many units of numbers since 1970 are a second, told by the one in the middle. */
async function timeUnit(open: OpenTable, value: string): Promise<number> {
  const [row] = await queryTable(
    open,
    `SELECT quantile_disc(${value}, 0.5) AS middle FROM ${open.source.relation(open.files)} WHERE abs(${value}) <= ${FARTHEST_TIME}`,
  );
  return timeUnitOf(Number(row?.["middle"] ?? 0));
}
