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

/** The column that says when a flow was: by its name, else the first of a time's type; undefined where there is none. */
export function findTimeColumn(columns: readonly TableColumn[]): string | undefined {
  const named = TIME_NAMES.map((name) =>
    columns.find((column) => column.name.toLowerCase() === name && column.type !== "text"),
  ).find((column) => column !== undefined);
  return (named ?? columns.find(({ type }) => type === "time"))?.name;
}

/** Where seconds since 1970 end and finer units begin: times from 1973 to 5138 are told apart by their size. */
const FINER_UNITS: readonly { readonly above: number; readonly perSecond: number }[] = [
  { above: 1e17, perSecond: 1e9 },
  { above: 1e14, perSecond: 1e6 },
  { above: 1e11, perSecond: 1e3 },
];

/** How many units of a column of numbers since 1970 are a second, told by the last of its times. */
export function timeUnitsPerSecond(last: number): number {
  return FINER_UNITS.find(({ above }) => last > above)?.perSecond ?? 1;
}
