import { cellValue, type FlowColumn, type FlowColumns, otherValue, valueText } from "../reading/index.ts";

export type FilterOperator = "is" | "is-not" | "contains" | "at-least" | "at-most";

/** Which rows to show: those whose value in a column is so. */
export interface ColumnFilter {
  readonly column: string;
  readonly operator: FilterOperator;
  readonly value: string;
}

/** In place of a column's name: the flow's score. A table that is scored has no other column of this name. */
export const SCORE = "score";

/** Whether an operator compares numbers. */
export function comparesNumbers(operator: FilterOperator): boolean {
  return operator === "at-least" || operator === "at-most";
}

/**
 * 1 for each row that passes all filters, else 0. "is" takes numbers for equal however they are written, and texts whatever space is
 * around them; "contains" does not mind the letters' case; a value that is no number passes no comparison. A column that is not there
 * passes nothing.
 */
export function filterRows(
  { columns, rows }: FlowColumns,
  scores: Float32Array,
  filters: readonly ColumnFilter[],
): Uint8Array {
  const passes = new Uint8Array(rows).fill(1);
  for (const { column: name, operator, value } of filters) {
    const test = valueTest(operator, value);
    const column = columns.find((candidate) => candidate.name === name);
    const ofRow = name === SCORE ? (row: number) => test(scores[row] ?? Number.NaN) : rowTest(column, test);
    for (let row = 0; row < rows; row++) if (passes[row] === 1 && !ofRow(row)) passes[row] = 0;
  }
  return passes;
}

type ValueTest = (value: unknown) => boolean;

function valueTest(operator: FilterOperator, wanted: string): ValueTest {
  const number = wanted.trim() === "" ? Number.NaN : Number(wanted);
  const text = wanted.trim().toLowerCase();
  const isSame: ValueTest = (value) =>
    typeof value === "number" ? value === number : asText(value).trim() === wanted.trim();
  switch (operator) {
    case "is":
      return isSame;
    case "is-not":
      return (value) => !isSame(value);
    case "contains":
      return (value) => asText(value).toLowerCase().includes(text);
    case "at-least":
      return (value) => asNumber(value) >= number;
    case "at-most":
      return (value) => asNumber(value) <= number;
  }
}

/** Each of a column's values that are no numbers is tested once, however many rows have it. */
function rowTest(column: FlowColumn | undefined, test: ValueTest): (row: number) => boolean {
  if (column === undefined) return () => false;
  const others = column.others.map((value) => test(otherValue(column, value)));
  const { codes } = column;
  return (row) => {
    const code = codes?.[row] ?? 0;
    return code === 0 ? test(cellValue(column, row)) : (others[code - 1] ?? false);
  };
}

function asText(value: unknown): string {
  return valueText(value as Parameters<typeof valueText>[0]);
}

function asNumber(value: unknown): number {
  if (typeof value === "number" || typeof value === "bigint") return Number(value);
  return typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
}

/** A column's most frequent values, as text, the most frequent first; empty ones do not count. */
export function frequentValues(column: FlowColumn, most: number): string[] {
  const counts = new Map<string, number>();
  for (let row = 0; row < column.rows; row++) {
    const text = valueText(cellValue(column, row), column.numbers instanceof Float32Array);
    if (text !== "") counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([text]) => text);
}
