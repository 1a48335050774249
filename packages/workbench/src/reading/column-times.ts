import { timeUnitsPerSecond } from "@oddflow/preprocessing";
import { timeOfText } from "./column-types.ts";
import { cellValue, type FlowColumn } from "./flow-columns.ts";

/** A time column in seconds since 1970, NaN where a row has no time. Numbers are in the unit that their size tells. */
export function columnTimes(column: FlowColumn): Float64Array {
  const times = Float64Array.from({ length: column.rows }, (_, row) => {
    const value = cellValue(column, row);
    if (typeof value === "number" || typeof value === "bigint") return Number(value);
    return typeof value === "string" ? timeOfText(value) : Number.NaN;
  });
  if (column.type === "time") return times;
  const last = times.reduce((latest, time) => (time > latest && time < Infinity ? time : latest), -Infinity);
  const units = timeUnitsPerSecond(last);
  return times.map((time) => (Number.isFinite(time) ? time / units : Number.NaN));
}
