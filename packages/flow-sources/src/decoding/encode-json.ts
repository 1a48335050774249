import type { ColumnCoding } from "@oddflow/preprocessing";
import { isSurelyFlow } from "../sensors/event-rule.ts";
import { findWord, type WordTable } from "./ascii-words.ts";
import { type ColumnReading, columnReading } from "./column-reading.ts";
import { asciiBytes, endOfText, endOfValue, isAt, isDigit, skipSpace } from "./json-bytes.ts";
import { FIELD_RULES } from "./json-events.ts";
import { JsonKeyReader, type KeyLevel, keyLevel, SAYING_FIELDS, type ViewedText } from "./json-keys.ts";
import { JsonNumberReader } from "./json-number.ts";
import { SoughtValues } from "./sought-values.ts";

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
  /**
   * Writes the values of the fields that are sought, of the last record, into `values`, as `JSON.parse` makes them; undefined
   * for a field that it has not.
   * @returns whether it did; where not, the record is for `readJsonRecord` to read
   */
  readSought(values: unknown[]): boolean;
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

/**
 * Makes an encoder for the given columns; it remembers the order of keys, so one a stream is best.
 * @param noticed names to look out for
 * @param sought names of fields whose values are wanted as they are, `readSought`
 */
export function createJsonRecordEncoder(
  columns: readonly ColumnCoding[],
  noticed: readonly string[] = [],
  sought: readonly string[] = [],
): JsonRecordEncoder {
  const width = columns.length;
  const readings = columns.map(columnReading);
  /** Of the columns, and behind them of fields that are only sought. */
  const names = [...new Set([...columns.map(({ name }) => name), ...sought])];
  const outer = keyLevel(names);
  const soughtValues = new SoughtValues(
    sought.map((name) => names.indexOf(name)),
    names.length,
  );
  const keys = new JsonKeyReader(noticed);
  const numbers = new JsonNumberReader();
  /** By the field that says what a record is: values that only flows have, as they are written, with their quotes. */
  const flowValues = SAYING_FIELDS.map((): Uint8Array[] => []);
  /** Of columns that may be a field with a dot in its name or one in an object: the level that the last record had it at. */
  const foundAt = new Array<KeyLevel | undefined>(names.length);
  const foundIn = new Int32Array(names.length);
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
        if (column < width) {
          const code = readValue(bytes, end, i, readings[column] as ColumnReading);
          if (code === undefined) return -1;
          into[first + column] = code;
          columnsFound++;
        } else if (key.saying < 0 && !skipValue(bytes, end, i)) return -1;
        if (isElsewhere(column, level)) return -1;
        soughtValues.places[column] = i;
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
    readSought: (values) => soughtValues.read(values),
    encodeText(bytes, start, end, into, first) {
      // Many records of one piece come one after the other.
      if (text.bytes !== bytes)
        text = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
      columnsFound = 0;
      hasNoticed = false;
      record = (record + 1) | 0;
      into.fill(Number.NaN, first, first + width);
      soughtValues.begin(bytes, end);
      return readObject(outer, text, start, end, into, first);
    },
  };
}
