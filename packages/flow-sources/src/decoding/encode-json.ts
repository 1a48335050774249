import { type ColumnCoding, createValueEncoder } from "@oddflow/preprocessing";
import { isSurelyFlow } from "../sensors/event-rule.ts";
import { findWord, type WordTable, wordTable } from "./ascii-words.ts";
import { asciiBytes, endOfText, endOfValue, isAt, isDigit, skipSpace } from "./json-bytes.ts";
import { FIELD_RULES } from "./json-events.ts";
import { JsonKeyReader, type KeyLevel, keyLevel, SAYING_FIELDS, type ViewedText } from "./json-keys.ts";
import { JsonNumberReader } from "./json-number.ts";

/**
 * Encodes flow records from the bytes of their JSON text, without making objects of them.
 *
 * Much of what a service does is reading JSON; this takes half the time of `JSON.parse` and `encode`. It reads the
 * records that there usually are: objects whose columns are numbers, plain texts, true, false or null, and objects of these, whose
 * fields have a dot before their names. What may be no flow, and whatever else there may be in JSON, it leaves to `readJsonRecord`, which also says what is no JSON, so that all records mean the same both ways.
 */
export interface JsonRecordEncoder {
  /**
   * Encodes the object that begins at `start` of UTF-8 text, as `RecordEncoder.encodeRecord` would, into `into` from
   * `first` on.
   * @returns where the object ends; -1 where it does not end before `end`, or is to be read by `readJsonRecord`
   */
  encodeText(text: Uint8Array, start: number, end: number, into: Float32Array, first: number): number;
  /** How many of the columns the last record had. */
  readonly columnsFound: number;
  /** Whether the last record had a field of one of the names to look out for. */
  readonly hasNoticed: boolean;
}

const [QUOTE, COMMA, MINUS, COLON, OPEN, CLOSE, ZERO, SPACE, BACKSLASH] = [
  34, 44, 45, 58, 123, 125, 48, 32, 92,
];

/** So many values of flows are remembered. */
const MOST_FLOW_VALUES = 8;

/** Whole numbers of so many digits are whole in float32, too. */
const MOST_SMALL_DIGITS = 7;

const NULL = asciiBytes("null");
const TRUE = asciiBytes("true");
const FALSE = asciiBytes("false");

/** How a column's values are read. Codes are undefined where `readJsonRecord` must read the value, which is to be refused. */
interface ColumnReading {
  readonly isNumber: boolean;
  /** The words of a category that is told apart by texts; undefined for other columns. */
  readonly words: WordTable | undefined;
  /** The numbers among a category's words. */
  readonly numbers: ReadonlyMap<number, number>;
  /** The code of a value that is none of these. */
  readonly unseen: number;
  readonly ofNull: number | undefined;
  readonly ofTrue: number | undefined;
  readonly ofFalse: number | undefined;
}

/**
 * Makes an encoder for the given columns; it remembers the order of keys, so one a stream is best.
 * @param noticed names to look out for
 */
export function createJsonRecordEncoder(
  columns: readonly ColumnCoding[],
  noticed: readonly string[] = [],
): JsonRecordEncoder {
  const width = columns.length;
  const readings = columns.map(columnReading);
  const outer = keyLevel(columns.map(({ name }) => name));
  const keys = new JsonKeyReader(noticed);
  const numbers = new JsonNumberReader();
  /** By the field that says what a record is: values that only flows have, as they are written, with their quotes. */
  const flowValues = SAYING_FIELDS.map((): Uint8Array[] => []);
  /** Of columns that may be a field with a dot in its name or one in an object: the level that the last record had it at. */
  const foundAt = new Array<KeyLevel | undefined>(width);
  const foundIn = new Int32Array(width);
  let record = 0;
  let text: ViewedText = { bytes: new Uint8Array(), view: new DataView(new ArrayBuffer(0)) };

  /** Where the value that was read last ends. */
  let after = 0;
  let columnsFound = 0;
  let hasNoticed = false;

  /** The code of the plain ASCII text whose first letter is at `from`; undefined where `readJsonRecord` must read it. */
  const readWord = (
    bytes: Uint8Array,
    end: number,
    from: number,
    words: WordTable,
    unseen: number,
  ): number | undefined => {
    let hash = 0;
    let i = from;
    for (; i < end; i++) {
      const byte = bytes[i] as number;
      if (byte === QUOTE) break;
      if (byte < SPACE || byte === BACKSLASH || byte > 126) return undefined;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (i >= end) return undefined;
    after = i + 1;
    return i === from ? Number.NaN : (findWord(words, hash, bytes, from, i) ?? unseen);
  };

  /** Passes over what says what a record is; false where it may say that it is no flow, or that its counts are a sample's. */
  const skipSaying = (bytes: Uint8Array, end: number, from: number, saying: number): boolean => {
    const known = flowValues[saying] as Uint8Array[];
    for (const value of known) {
      if (!isAt(bytes, end, from, value)) continue;
      after = from + value.length;
      return true;
    }
    if (!skipValue(bytes, end, from)) return false;
    const rules = FIELD_RULES[saying];
    if (rules === undefined) return after === from + 1 && (bytes[from] as number) <= ZERO + 1;
    if (bytes[from] !== QUOTE) return true;
    let text = "";
    for (let k = from + 1; k < after - 1; k++) text += String.fromCharCode(bytes[k] as number);
    if (text.includes("\\") || !isSurelyFlow(rules, text)) return false;
    // Few values are those of flows, and each is met over and over.
    if (known.length < MOST_FLOW_VALUES) known.push(bytes.slice(from, after));
    return true;
  };

  /** Passes over the value of a field that is no column. */
  const skipValue = (bytes: Uint8Array, end: number, from: number): boolean => {
    const byte = bytes[from] as number;
    if (byte === QUOTE) after = endOfText(bytes, end, from + 1);
    else if (byte === MINUS || isDigit(byte)) after = endOfNumber(bytes, end, from);
    else after = endOfValue(bytes, end, from);
    return after >= 0;
  };

  const endOfNumber = (bytes: Uint8Array, end: number, from: number): number => {
    let i = from;
    while (i < end && isDigit(bytes[i] as number)) i++;
    // Most are whole, and without a sign.
    const isWhole =
      i < end && (bytes[i] === COMMA || bytes[i] === CLOSE) && (bytes[from] !== ZERO || i === from + 1);
    if (isWhole && i > from) return i;
    numbers.read(bytes, end, from, false);
    return numbers.after;
  };

  /** The whole number at `from` where it has few digits and ends with a comma or a bracket, as most do; else -1. */
  const smallNumber = (bytes: Uint8Array, end: number, from: number): number => {
    const most = Math.min(end, from + MOST_SMALL_DIGITS + 1);
    let value = 0;
    for (let i = from; i < most; i++) {
      const byte = bytes[i] as number;
      if (isDigit(byte)) {
        value = (Math.imul(value, 10) + byte - ZERO) | 0;
        continue;
      }
      if ((byte !== COMMA && byte !== CLOSE) || i === from || (bytes[from] === ZERO && i > from + 1))
        return -1;
      after = i;
      return value;
    }
    return -1;
  };

  /** The code of a column's value; undefined where `readJsonRecord` must read it. */
  const readValue = (
    bytes: Uint8Array,
    end: number,
    from: number,
    reading: ColumnReading,
  ): number | undefined => {
    const byte = bytes[from] as number;
    if (byte === MINUS || isDigit(byte)) {
      if (reading.isNumber) {
        const small = smallNumber(bytes, end, from);
        if (small >= 0) return small;
      }
      const value = numbers.read(bytes, end, from, !reading.isNumber);
      after = numbers.after;
      if (after < 0) return undefined;
      if (!reading.isNumber) return reading.numbers.get(value) ?? reading.unseen;
      const rounded = Math.fround(value);
      // A number that float32 cannot hold is missing, an infinity stays one.
      return Number.isFinite(rounded) || !Number.isFinite(value) ? rounded : Number.NaN;
    }
    if (byte === QUOTE) {
      const { words, unseen } = reading;
      return words === undefined ? undefined : readWord(bytes, end, from + 1, words, unseen);
    }
    const [word, code] =
      byte === NULL[0]
        ? [NULL, reading.ofNull]
        : byte === TRUE[0]
          ? [TRUE, reading.ofTrue]
          : [FALSE, reading.ofFalse];
    after = from + word.length;
    return isAt(bytes, end, from, word) ? code : undefined;
  };

  /** Encodes the fields of the object at `start`; gives where it ends, -1 where `readJsonRecord` must read the record. */
  const readObject = (
    level: KeyLevel,
    text: ViewedText,
    start: number,
    end: number,
    into: Float32Array,
    first: number,
  ): number => {
    const { bytes } = text;
    // Of two objects of one name the last counts, whole.
    if (bytes[start] !== OPEN || level.record === record) return -1;
    level.record = record;
    let i = skipSpace(bytes, end, start + 1);
    if (i < end && bytes[i] === CLOSE) return i + 1;
    for (let before = level.start; i < end; ) {
      if (bytes[i] !== QUOTE) return -1;
      const key = keys.read(level, before, text, end, i + 1);
      if (key === undefined) return -1;
      before = key;
      const { column, inner } = key;
      i = keys.after;
      if (!keys.hasColon) {
        i = skipSpace(bytes, end, i);
        if (i >= end || bytes[i] !== COLON) return -1;
        i++;
      }
      i = skipSpace(bytes, end, i);
      if (i >= end) return -1;
      if (key.isNoticed) hasNoticed = true;
      if (key.saying >= 0 && !skipSaying(bytes, end, i, key.saying)) return -1;
      if (inner !== undefined && bytes[i] === OPEN) {
        if (column >= 0) return -1;
        after = readObject(inner, text, i, end, into, first);
        if (after < 0) return -1;
      } else if (column >= 0) {
        const code = readValue(bytes, end, i, readings[column] as ColumnReading);
        if (code === undefined || isElsewhere(column, level)) return -1;
        into[first + column] = code;
        columnsFound++;
      } else if (key.saying < 0 && !skipValue(bytes, end, i)) return -1;
      i = skipSpace(bytes, end, after);
      if (i >= end) return -1;
      if (bytes[i] === CLOSE) return i + 1;
      if (bytes[i] !== COMMA) return -1;
      i = skipSpace(bytes, end, i + 1);
    }
    return -1;
  };

  /** Whether the record had the column already, at another level: a field with a dot in its name counts before one in an object. */
  const isElsewhere = (column: number, level: KeyLevel): boolean => {
    const isTwice = foundIn[column] === record && foundAt[column] !== level;
    foundIn[column] = record;
    foundAt[column] = level;
    return isTwice;
  };

  return {
    get columnsFound() {
      return columnsFound;
    },
    get hasNoticed() {
      return hasNoticed;
    },
    encodeText(bytes, start, end, into, first) {
      // Many records of one piece come one after the other.
      if (text.bytes !== bytes)
        text = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
      columnsFound = 0;
      hasNoticed = false;
      record = (record + 1) | 0;
      into.fill(Number.NaN, first, first + width);
      return readObject(outer, text, start, end, into, first);
    },
  };
}

function columnReading(column: ColumnCoding): ColumnReading {
  // The rules for values that are met seldom are asked of the column's encoder.
  const encode = createValueEncoder(column);
  const codeOf = (value: unknown): number | undefined => {
    const code = encode(value);
    return typeof code === "number" ? code : undefined;
  };
  const isText = column.kind === "category" && column.valueType === "text";
  return {
    isNumber: column.kind === "number",
    words: isText ? wordTable(column.vocabulary) : undefined,
    numbers: numberTable(column),
    unseen: column.kind === "category" ? column.vocabulary.length : 0,
    ofNull: codeOf(null),
    ofTrue: codeOf(true),
    ofFalse: codeOf(false),
  };
}

/** The numbers among a category's words and their codes. */
function numberTable(column: ColumnCoding): ReadonlyMap<number, number> {
  if (column.kind !== "category") return new Map();
  // What is not in the form of `String(number)` is never found, and a later one replaces an earlier one.
  const canonical = [...column.vocabulary.entries()].filter(([, text]) => String(Number(text)) === text);
  return new Map(canonical.map(([code, text]) => [Number(text), code]));
}
