import type { TableColumn } from "@oddflow/preprocessing";

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
