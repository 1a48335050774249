import type { TableColumn } from "./columns.ts";

/** A column of one of these names, in lower case, says when a flow was. The first that a table has is taken. */
const TIME_NAMES = [
  "stime",
  "ts",
  "timestamp",
  "time",
  "start",
  "starttime",
  "start_time",
  "flow_start",
  "first",
  "date",
];

/**
 * The columns that may say when a flow was, the likeliest first: those that are known to, those that are named so, then those of
 * a time's type. A column of text does so where most of its values are times, which its reader has to see.
 */
export function timeCandidates<Column extends TableColumn>(
  columns: readonly Column[],
  known: readonly string[] = [],
): readonly Column[] {
  const names = [...known.map((name) => name.toLowerCase()), ...TIME_NAMES];
  const named = [...new Set(names)].flatMap((name) =>
    columns.filter(
      (column) =>
        column.name.trim().toLowerCase() === name && column.type !== "other" && column.type !== "boolean",
    ),
  );
  return [...named, ...columns.filter((column) => column.type === "time" && !named.includes(column))];
}

/** Where seconds since 1970 end and finer units begin: times from 1973 to 5138 are told apart by their size. */
const FINER_UNITS: readonly { readonly above: number; readonly perSecond: number }[] = [
  { above: 1e17, perSecond: 1e9 },
  { above: 1e14, perSecond: 1e6 },
  { above: 1e11, perSecond: 1e3 },
];

/** Seconds since 1970, of the years 1 to 9999: other times are of no calendar, and dates cannot be made of them. */
export const CALENDAR = { from: -62_135_596_800, to: 253_402_300_799 } as const;

/** The end of the calendar in the finest unit: what is farther from 1970 is a time in none. */
export const FARTHEST_TIME: number = 1e9 * CALENDAR.to;

/**
 * How many units of a column of numbers since 1970 are a second, told by the size of its middle value, so that a few
 * wrong times do not change it. NaN, and what is beyond `FARTHEST_TIME`, is no time.
 */
export function timeUnitsPerSecond(times: Float64Array): number {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const time of times) {
    if (!isTime(time)) continue;
    if (time < least) least = time;
    if (time > most) most = time;
  }
  // Most often all have one unit, and so has the one in the middle.
  if (least <= most && timeUnitOf(least) === timeUnitOf(most)) return timeUnitOf(least);
  const sorted = times.filter(isTime).sort();
  return timeUnitOf(sorted[sorted.length >> 1] ?? 0);
}

function isTime(value: number): boolean {
  return Math.abs(value) <= FARTHEST_TIME;
}

/** How many units are a second, told by the size of one time. */
export function timeUnitOf(time: number): number {
  return FINER_UNITS.find(({ above }) => time > above)?.perSecond ?? 1;
}
