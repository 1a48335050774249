import { type ColumnType, shortestFloat32 } from "@oddflow/preprocessing";

/** DuckDB's words for what is true. */
const TRUTH = /^(true|t|yes)$/i;

/** What a row may hold that is no number. Nested values are what JSON.parse gives. */
export type OtherValue = string | boolean | bigint | null | object;

/** Values that are numbers, in as few bytes as hold them all. */
export type NumberCells = Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** Places in a list, in as few bytes as hold them all. */
export type CellCodes = Uint8Array | Uint16Array | Uint32Array;

/**
 * A column of a table in memory: in each row a number, or one of a list of other values. A text that many rows share is
 * held once.
 */
export interface FlowColumn {
  readonly name: string;
  /** How the header of CSV writes the name, where it does so in another way: with space around it, or as another column's. */
  readonly headerCell?: string;
  readonly type: ColumnType;
  readonly rows: number;
  /** One a row; what stands in a row that holds no number means nothing. Absent where no row holds one. */
  readonly numbers?: NumberCells;
  /** One a row: 0 for a number, else one more than the place in `others`. Absent where every row holds a number. */
  readonly codes?: CellCodes;
  readonly others: readonly OtherValue[];
  /** The numbers are times, in milliseconds since 1970. */
  readonly areTimes?: true;
  /** The numbers are texts that happen to look like numbers: the column holds other texts, too. */
  readonly areTexts?: true;
  /**
   * What the texts stand for, where all cells of a file that knows only text do: a column of numbers finds `1.50` among them,
   * one of truths `T`. A category of texts tells them apart by their letters all the same.
   */
  readonly cells?: "numbers" | "truths";
}

/** A table in memory. All columns have `rows` rows. */
export interface FlowColumns {
  /** What messages call it. */
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly FlowColumn[];
  /** The sensor whose output it was taken for, in words. */
  readonly takenFor?: string;
  /** What of the file is no flow, in words, and how often. */
  readonly leftOut?: ReadonlyMap<string, number>;
}

/** The value of a row: a number, a text, null where there is none. Times are ISO 8601 texts. */
export function cellValue(column: FlowColumn, row: number): number | OtherValue {
  const code = column.codes?.[row] ?? 0;
  if (code > 0) return otherValue(column, column.others[code - 1] ?? null);
  return numberValue(column, column.numbers?.[row] ?? Number.NaN);
}

/** What one of the values that are no numbers stands for. */
export function otherValue({ cells }: FlowColumn, value: OtherValue): number | OtherValue {
  if (cells === undefined || typeof value !== "string") return value;
  return cells === "numbers" ? Number(value) : TRUTH.test(value);
}

/** What a number of the column's stands for. */
export function numberValue(column: FlowColumn, number: number): number | string | null {
  if (column.areTimes) return Number.isNaN(number) ? null : new Date(number).toISOString();
  return column.areTexts ? String(number) : number;
}

/** A row's value as text; empty where there is none. */
export function cellText(column: FlowColumn, row: number): string {
  return valueText(cellValue(column, row), column.numbers instanceof Float32Array);
}

/** A value as text; a number that a file holds as float32 in the fewest digits that tell it. */
export function valueText(value: number | OtherValue, isFloat32 = false): string {
  if (value === null) return "";
  if (typeof value === "number") return String(isFloat32 ? shortestFloat32(value) : value);
  return typeof value === "object" ? jsonText(value) : String(value);
}

/** A value as JSON: integers beyond 2^53 keep their digits, what JSON cannot hold is null. */
export function jsonText(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number" || typeof value !== "object" || value === null) {
    return JSON.stringify(value) ?? "null";
  }
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (value instanceof Date) return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, field]) => `${JSON.stringify(key)}:${jsonText(field)}`);
  return `{${fields.join(",")}}`;
}
