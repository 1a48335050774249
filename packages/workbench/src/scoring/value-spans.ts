import type { ValueSpan } from "@oddflow/preprocessing";
import { cellValue, type FlowColumn, findTimes, valueText } from "../reading/index.ts";

type Span = { -readonly [Part in keyof ValueSpan]: ValueSpan[Part] };

/** Where the values of some columns stand, missing ones among them, in a table that is one file. */
export function valueSpans(
  table: readonly FlowColumn[],
  columns: readonly FlowColumn[],
): readonly (readonly ValueSpan[])[] {
  if (columns.length === 0) return [];
  const times = findTimes(table)?.seconds;
  return columns.map((column) => columnSpans(column, times));
}

function columnSpans(column: FlowColumn, times: Float64Array | undefined): readonly ValueSpan[] {
  const spans = new Map<string | null, Span>();
  for (let row = 0; row < column.rows; row++) {
    const text = valueText(cellValue(column, row));
    const value = text === "" ? null : text;
    const time = times?.[row] ?? Number.NaN;
    const span = spans.get(value);
    if (span === undefined) {
      spans.set(value, {
        value,
        rows: 1,
        firstRow: row,
        lastRow: row,
        firstTime: time,
        lastTime: time,
        files: 1,
      });
      continue;
    }
    span.rows++;
    span.lastRow = row;
    if (Number.isNaN(time)) continue;
    span.firstTime = Number.isNaN(span.firstTime) ? time : Math.min(span.firstTime, time);
    span.lastTime = Number.isNaN(span.lastTime) ? time : Math.max(span.lastTime, time);
  }
  return [...spans.values()];
}
