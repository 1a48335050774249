import { findSensor } from "@oddflow/flow-sources";
import { NUMBER_TEXT, timeCandidates, timeOfText, timeUnitsPerSecond } from "@oddflow/preprocessing";
import { cellValue, type FlowColumn } from "./flow-columns.ts";

const NUMBER = new RegExp(`^${NUMBER_TEXT}$`);

/** When flows were. */
export interface ColumnTimes {
  readonly column: string;
  /** Since 1970; NaN where a row has no time. */
  readonly seconds: Float64Array;
}

/** The times of a table, from the column that the commands take too; undefined where there is none. */
export function findTimes(columns: readonly FlowColumn[]): ColumnTimes | undefined {
  const sensor = findSensor(columns.map(({ name }) => name));
  for (const column of timeCandidates(columns, sensor?.times)) {
    const seconds = columnTimes(column);
    const times = seconds.reduce((count, time) => count + (Number.isFinite(time) ? 1 : 0), 0);
    if (times > 0 && (column.type !== "text" || 2 * times > presentCount(column))) {
      return { column: column.name, seconds };
    }
  }
  return undefined;
}

/** A column in seconds since 1970, NaN where a row holds no time. Numbers are in the unit that their size tells. */
export function columnTimes(column: FlowColumn): Float64Array {
  const isText = column.type === "text" || column.type === "time";
  const times = Float64Array.from({ length: column.rows }, (_, row) => {
    const value = cellValue(column, row);
    if (typeof value === "number" || typeof value === "bigint") return Number(value);
    if (typeof value !== "string") return Number.NaN;
    const text = value.trim();
    return isText ? timeOfText(text) : NUMBER.test(text) ? Number(text) : Number.NaN;
  });
  const units = column.type === "time" || column.type === "text" ? 1 : timeUnitsPerSecond(times);
  return times.map((time) => (Number.isFinite(time) ? time / units : Number.NaN));
}

function presentCount(column: FlowColumn): number {
  let present = 0;
  for (let row = 0; row < column.rows; row++) {
    const value = cellValue(column, row);
    if (value !== null && value !== undefined && value !== "") present++;
  }
  return present;
}
