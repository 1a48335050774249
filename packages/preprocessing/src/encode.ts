import type { ColumnCoding } from "./columns.ts";
import { OddflowError } from "./errors.ts";

/** A flow as a program holds it: column name to value. A column that is absent or null is missing; "a.b" may be the field b of an object a. */
export type FlowRecord = Readonly<Record<string, unknown>>;

/**
 * A decimal number as text. No hexadecimal, no digit separators: what one reader accepts and another refuses
 * would score differently. `packages/tables` uses the same expression in SQL.
 */
export const NUMBER_TEXT = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?";

/** Texts that mean "no value" in a number column, in lower case and without spaces around them. */
export const MISSING_TEXTS: readonly string[] = ["", "-", "?", "nan", "na", "n/a", "null", "none", "(empty)"];

/** Texts that mean an infinity in a number column; the model treats an infinity as missing. */
export const INFINITY_TEXT = "[+-]?inf(inity)?";

/** What may stand around a number as text. The same four characters in every reader, so not `String.trim`. */
const SURROUNDING_SPACE = /^[ \t\r\n]+|[ \t\r\n]+$/g;

const numberText = new RegExp(`^${NUMBER_TEXT}$`);
const infinityText = new RegExp(`^${INFINITY_TEXT}$`);
const missingTexts = new Set(MISSING_TEXTS);

/** Why a record could not be encoded. */
export interface RecordProblem {
  readonly code: "RECORD_INVALID" | "VALUE_NOT_A_NUMBER";
  /** Absent where the record as a whole is at fault. */
  readonly column?: string;
  /** What stands there, in a few words. */
  readonly found: string;
  readonly expected: string;
}

/** A value that its column cannot hold. */
export interface EncodeProblem {
  readonly column: string;
  readonly value: unknown;
}

/** Turns values of one column into float32 codes. */
export type ValueEncoder = (value: unknown) => number | EncodeProblem;

/** What a batch of records had that a person should know of. */
export interface EncodeReport {
  /** Column name to the number of values that its vocabulary lacks; only columns that had some. */
  readonly unseen: ReadonlyMap<string, number>;
  /** Values that were absent, null, blank or not finite, over all columns. */
  readonly missing: number;
}

/** Encodes records for one list of columns; made once, used for many batches. */
export interface RecordEncoder {
  /**
   * Writes records as `[records.length, columns]` float32, row-major, into `into` from its start (a new array where
   * none is given).
   *
   * Rules, the same in `packages/tables`' SQL: absent, null, undefined and NaN are missing (NaN). true is 1, false 0.
   * A bigint is a number. Text in a number column is read as a decimal number; blank, "-", "nan", "null" and the
   * like are missing. A finite number that float32 cannot hold is missing; an infinity stays one, and the model
   * treats it as missing. An empty text is a missing category. A category that its vocabulary lacks gets the code
   * `vocabulary.length`.
   * @throws OddflowError RECORD_INVALID when a record is no object or a category column holds a list or an object, VALUE_NOT_A_NUMBER when a number column holds
   * something else (the row and the column are named), FLOWS_SHAPE when `into` is too short.
   */
  encode(records: readonly FlowRecord[], into?: Float32Array): { flows: Float32Array; report: EncodeReport };
  /**
   * Writes one record by the same rules to the `columns` places of `into` from `first` on, for who goes on after a bad one.
   * @returns what is wrong with it, if something is; the places hold nothing of use then.
   */
  encodeRecord(record: unknown, into: Float32Array, first: number): RecordProblem | undefined;
}

/** Makes an encoder for the given columns; their order is the order of the output's columns. */
export function createRecordEncoder(columns: readonly ColumnCoding[]): RecordEncoder {
  const width = columns.length;
  const encoders = columns.map(createValueEncoder);
  const encodeRecord = (record: unknown, into: Float32Array, first: number): RecordProblem | undefined => {
    if (!isRecord(record)) {
      const found = record === null ? "null" : Array.isArray(record) ? "a list" : typeof record;
      return { code: "RECORD_INVALID", found, expected: "an object" };
    }
    for (let k = 0; k < width; k++) {
      // Both lists were made from `columns`, so index k exists in each.
      const { name } = columns[k] as ColumnCoding;
      const value = fieldValue(record, name);
      const code = (encoders[k] as ValueEncoder)(value);
      if (typeof code !== "number") {
        const { kind } = columns[k] as ColumnCoding;
        return kind === "number"
          ? { code: "VALUE_NOT_A_NUMBER", column: name, found: shownValue(value), expected: "a number" }
          : {
              code: "RECORD_INVALID",
              column: name,
              found: shownValue(value),
              expected: "a text or a number",
            };
      }
      into[first + k] = code;
    }
    return undefined;
  };
  return {
    encodeRecord,
    encode(records, into) {
      const flows = into ?? new Float32Array(records.length * width);
      if (flows.length < records.length * width) {
        throw new OddflowError(
          "FLOWS_SHAPE",
          `encode records: the buffer holds ${flows.length} values, ${records.length} records of ${width} columns need ` +
            `${records.length * width}`,
        );
      }
      for (let row = 0; row < records.length; row++) {
        const problem = encodeRecord(records[row], flows, row * width);
        if (problem !== undefined) {
          const { code, column, found, expected } = problem;
          const what =
            column === undefined
              ? ` is ${found}, expected ${expected}`
              : `, column "${column}": ${found} found, ${expected} expected`;
          throw new OddflowError(code, `encode records: record ${row}${what}`, { row });
        }
      }
      return { flows, report: reportFlows(flows.subarray(0, records.length * width), columns) };
    },
  };
}

/**
 * Counts unseen categories and missing values of encoded flows, row-major `[rows, columns]`: what an encoder's report says
 * of them.
 */
export function reportFlows(flows: Float32Array, columns: readonly ColumnCoding[]): EncodeReport {
  const width = columns.length;
  const unseenCodes = columns.map((column) =>
    column.kind === "category" ? column.vocabulary.length : Number.NaN,
  );
  const counts = new Uint32Array(width);
  let missing = 0;
  for (let first = 0; first < flows.length; first += width) {
    for (let k = 0; k < width; k++) {
      const code = flows[first + k] as number;
      // An infinity or NaN less itself is no number.
      if (code - code !== 0) missing++;
      else if (code === unseenCodes[k]) counts[k] = (counts[k] as number) + 1;
    }
  }
  const unseen = new Map<string, number>();
  columns.forEach(({ name }, k) => {
    const count = counts[k] as number;
    if (count > 0) unseen.set(name, (unseen.get(name) ?? 0) + count);
  });
  return { unseen, missing };
}

/** Makes the encoder of one column, by the rules of `RecordEncoder.encode`. */
export function createValueEncoder(column: ColumnCoding): ValueEncoder {
  if (column.kind === "number") return (value) => toFloat32(column.name, value);
  const codes = new Map(column.vocabulary.map((value, code) => [value, code]));
  const unseen = column.vocabulary.length;
  if (column.valueType === "text") {
    return (value) => {
      if (isNested(value)) return { column: column.name, value };
      const text = categoryText(value);
      return text === undefined ? Number.NaN : (codes.get(text) ?? unseen);
    };
  }
  return (value) => {
    if (isNested(value)) return { column: column.name, value };
    const number = numberOfValue(value);
    // Text that is no number is a value that this column never had.
    if (number === undefined) return unseen;
    return Number.isNaN(number) ? Number.NaN : (codes.get(String(number)) ?? unseen);
  };
}

function toFloat32(column: string, value: unknown): number | EncodeProblem {
  const number = numberOfValue(value);
  if (number === undefined) return { column, value };
  const rounded = Math.fround(number);
  return Number.isFinite(number) && !Number.isFinite(rounded) ? Number.NaN : rounded;
}

/** The number that a value stands for: NaN for a missing one, undefined for what is no number. */
export function numberOfValue(value: unknown): number | undefined {
  switch (typeof value) {
    case "number":
      return value;
    case "undefined":
      return Number.NaN;
    case "bigint":
    case "boolean":
      return Number(value);
    case "string":
      return numberOfText(value);
    default:
      return value === null ? Number.NaN : undefined;
  }
}

/** The number that a text in a column of numbers stands for: NaN for a missing value, undefined for what is no number. */
export function numberOfText(value: string): number | undefined {
  if (isPlainNumber(value)) return Number(value);
  const text = value.replace(SURROUNDING_SPACE, "");
  if (numberText.test(text)) return Number(text);
  const lower = text.toLowerCase();
  if (missingTexts.has(lower)) return Number.NaN;
  if (infinityText.test(lower)) return lower.startsWith("-") ? -Infinity : Infinity;
  return undefined;
}

/** Digits, perhaps with a minus before and a point among them: most numbers, told in a tenth of the time of the rules. */
function isPlainNumber(text: string): boolean {
  const { length } = text;
  let isPlain = false;
  let points = 0;
  for (let i = text.charCodeAt(0) === MINUS ? 1 : 0; i < length; i++) {
    const letter = text.charCodeAt(i);
    isPlain = letter >= ZERO && letter <= NINE;
    if (!isPlain && (letter !== POINT || ++points > 1)) return false;
  }
  // A digit stands at the end, so that there is one.
  return isPlain;
}

const [MINUS, POINT, ZERO, NINE] = [45, 46, 48, 57];

/** The text that a category is looked up by; undefined where it is missing. */
function categoryText(value: unknown): string | undefined {
  if (value === null || value === undefined || (typeof value === "number" && Number.isNaN(value)))
    return undefined;
  if (value === "") return undefined;
  return String(value);
}

/** A list or an object is neither a number nor a category. */
function isNested(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** A value as a message shows it, in a few words. */
export function shownValue(value: unknown): string {
  const text =
    typeof value === "string"
      ? JSON.stringify(value)
      : typeof value === "object"
        ? Array.isArray(value)
          ? "a list"
          : "an object"
        : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/**
 * A record's own field only: every object inherits a "toString". A field of an object has the object's name and a dot before
 * its own, so "flow.age" is looked for in "flow" where the record has no field of that name.
 */
export function fieldValue(record: FlowRecord, name: string): unknown {
  if (Object.hasOwn(record, name)) return record[name];
  for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) {
    const outer = name.slice(0, dot);
    const inner = Object.hasOwn(record, outer) ? record[outer] : undefined;
    if (!isRecord(inner)) continue;
    const value = fieldValue(inner, name.slice(dot + 1));
    if (value !== undefined) return value;
  }
  return undefined;
}

function isRecord(value: unknown): value is FlowRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
