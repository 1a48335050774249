import { type ColumnCoding, createValueEncoder } from "@oddflow/preprocessing";
import { isSurelyFlow } from "../sensors/event-rule.ts";
import { findWord, type WordTable, wordTable } from "./ascii-words.ts";
import { asciiBytes, endOfText, endOfValue, isAt, isDigit, skipSpace } from "./json-bytes.ts";
import { EVENT_FIELDS, FIELD_RULES } from "./json-events.ts";
import { RATE_FIELDS } from "./json-sampling.ts";

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

const [QUOTE, COMMA, PLUS, MINUS, POINT, COLON, OPEN, CLOSE] = [34, 44, 43, 45, 46, 58, 123, 125];
const [ZERO, SPACE, BACKSLASH, LARGE_E, SMALL_E] = [48, 32, 92, 69, 101];

/** A key is looked for where the record before had it; records have their keys in the same order. */
interface Key {
  /** ASCII, with the quote that ends it. */
  readonly bytes: Uint8Array;
  /** Index of the column; `NO_COLUMN` or `NOTICED` for a field that is none. */
  readonly column: number;
  /** Its place among the fields that say what a record is; -1 for others. */
  readonly event: number;
  /** The columns within, where the field may be an object. */
  readonly inner: Level | undefined;
}

/** The keys of the objects that stand in one place of a record: of the record itself, or of a field of it. */
interface Level {
  readonly keys: (Key | undefined)[];
  /** Places in `columns`. */
  readonly names: WordTable;
  /** Places in `inners`. */
  readonly innerNames: WordTable;
  readonly inners: readonly Level[];
  readonly isOuter: boolean;
  /** The number of the record that had such an object last. */
  record: number;
}

const NO_COLUMN = -1;
const NOTICED = -2;

/** So many values of flows are remembered. */
const MOST_FLOW_VALUES = 8;

/** More fields than this are looked up anew in every record. */
const MOST_KEYS = 512;

/** Powers of ten that float64 holds exactly: a number of at most 2^53 times or by one of them is rounded once, rightly. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const EXACT = 2 ** 53;

/** Longer numbers are nearly known; where all numbers that near have one float32, that is the number's. */
const NEARLY = 2 ** -47;

const NULL = asciiBytes("null");
const TRUE = asciiBytes("true");
const FALSE = asciiBytes("false");

/**
 * Makes an encoder for the given columns; it remembers the order of keys, so one a stream is best.
 * @param noticed names to look out for
 */
export function createJsonRecordEncoder(
  columns: readonly ColumnCoding[],
  noticed: readonly string[] = [],
): JsonRecordEncoder {
  const width = columns.length;
  // The rules for values that are met seldom are asked of the columns' encoders.
  const encoders = columns.map(createValueEncoder);
  const encodeValue = (column: number, value: unknown): number | undefined => {
    const code = encoders[column]?.(value);
    return typeof code === "number" ? code : undefined;
  };
  const isNumber = columns.map(({ kind }) => kind === "number");
  const isText = columns.map((column) => column.kind === "category" && column.valueType === "text");
  const unseen = columns.map((column) => (column.kind === "category" ? column.vocabulary.length : 0));
  const words = columns.map((column) => wordTable(column.kind === "category" ? column.vocabulary : []));
  const numbers = columns.map(numberTable);
  const outer = levelOf(columns.map(({ name }, column) => ({ name, column })));
  const noticedNames = wordTable(noticed);
  const eventNames = wordTable([...EVENT_FIELDS, ...RATE_FIELDS]);
  /** By the field that says what a record is: values that only flows have, as they are written, with their quotes. */
  const flowValues = [...EVENT_FIELDS, ...RATE_FIELDS].map((): Uint8Array[] => []);
  /** Of columns that may be a field with a dot in its name or one in an object: the level that the last record had it at. */
  const foundAt = new Array<Level | undefined>(width);
  const foundIn = new Int32Array(width);
  let record = 0;

  /** Where the value that was read last ends. */
  let after = 0;
  let columnsFound = 0;
  let hasNoticed = false;

  /**
   * The number at `from`: to the last bit what `JSON.parse` makes of it where `isExact`, else a number with the same float32.
   * Sets `after`, to -1 where there is none.
   */
  const readNumber = (bytes: Uint8Array, end: number, from: number, isExact: boolean): number => {
    let i = from;
    const isNegative = bytes[i] === MINUS;
    if (isNegative) i++;
    const whole = i;
    let mantissa = 0;
    let byte = i < end ? (bytes[i] as number) : 0;
    while (isDigit(byte)) {
      mantissa = mantissa * 10 + (byte - ZERO);
      i++;
      byte = i < end ? (bytes[i] as number) : 0;
    }
    let digits = i - whole;
    after = -1;
    if (digits === 0 || (digits > 1 && bytes[whole] === ZERO)) return 0;
    let exponent = 0;
    if (byte === POINT) {
      const fraction = ++i;
      byte = i < end ? (bytes[i] as number) : 0;
      while (isDigit(byte)) {
        mantissa = mantissa * 10 + (byte - ZERO);
        i++;
        byte = i < end ? (bytes[i] as number) : 0;
      }
      if (i === fraction) return 0;
      digits += i - fraction;
      exponent = fraction - i;
    }
    let isPlain = true;
    if (byte === SMALL_E || byte === LARGE_E) {
      isPlain = false;
      i++;
      if (bytes[i] === PLUS || bytes[i] === MINUS) i++;
      const power = i;
      while (i < end && isDigit(bytes[i] as number)) i++;
      if (i === power) return 0;
    }
    // A number that ends where the text does may go on in what comes next.
    if (i >= end) return 0;
    after = i;
    if (isPlain && digits <= 16 && mantissa < EXACT && exponent >= -22) {
      const value = exponent === 0 ? mantissa : mantissa / (POWERS[-exponent] as number);
      return isNegative ? -value : value;
    }
    if (isPlain && digits <= 25 && exponent >= -22 && !isExact) {
      // At most 25 digits, two roundings each and one for the division: far below 2^-47 off.
      const value = mantissa / (POWERS[-exponent] as number);
      const rounded = Math.fround(value * (1 - NEARLY));
      if (rounded === Math.fround(value * (1 + NEARLY))) return isNegative ? -rounded : rounded;
    }
    let text = "";
    for (let k = from; k < i; k++) text += String.fromCharCode(bytes[k] as number);
    return Number(text);
  };

  /** The code of the plain ASCII text whose first letter is at `from`; -1 where `readJsonRecord` must read it. */
  const readWord = (bytes: Uint8Array, end: number, from: number, column: number): number => {
    let hash = 0;
    let i = from;
    for (; i < end; i++) {
      const byte = bytes[i] as number;
      if (byte === QUOTE) break;
      if (byte < SPACE || byte === BACKSLASH || byte > 126) return -1;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (i >= end) return -1;
    after = i + 1;
    if (i === from) return Number.NaN;
    return findWord(words[column] as WordTable, hash, bytes, from, i) ?? (unseen[column] as number);
  };

  /** The key whose first letter is at `from`; undefined where `readJsonRecord` must read it. */
  const readKey = (
    level: Level,
    bytes: Uint8Array,
    end: number,
    from: number,
    place: number,
  ): Key | undefined => {
    const expected = level.keys[place];
    if (expected !== undefined && isAt(bytes, end, from, expected.bytes)) {
      after = from + expected.bytes.length;
      return expected;
    }
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
    const column =
      findWord(level.names, hash, bytes, from, i) ??
      (level.isOuter && findWord(noticedNames, hash, bytes, from, i) !== undefined ? NOTICED : NO_COLUMN);
    const event = (level.isOuter ? findWord(eventNames, hash, bytes, from, i) : undefined) ?? -1;
    const inner = level.inners[findWord(level.innerNames, hash, bytes, from, i) ?? -1];
    const key = { bytes: bytes.slice(from, after), column, event, inner };
    if (place < MOST_KEYS) level.keys[place] = key;
    return key;
  };

  /** Passes over what says what a record is; false where it may say that it is no flow, or that its counts are a sample's. */
  const skipEvent = (bytes: Uint8Array, end: number, from: number, event: number): boolean => {
    const known = flowValues[event] as Uint8Array[];
    for (const value of known) {
      if (!isAt(bytes, end, from, value)) continue;
      after = from + value.length;
      return true;
    }
    if (!skipValue(bytes, end, from)) return false;
    const rules = FIELD_RULES[event];
    if (rules === undefined) return after === from + 1 && (bytes[from] as number) <= ZERO + 1;
    if (bytes[from] !== QUOTE) return true;
    let text = "";
    for (let k = from + 1; k < after - 1; k++) text += String.fromCharCode(bytes[k] as number);
    if (text.includes("\\") || !isSurelyFlow(rules, text)) return false;
    // Few values are those of flows, and each is met over and over.
    if (known.length < MOST_FLOW_VALUES) known.push(bytes.slice(from, after));
    return true;
  };

  /** null, true or false; undefined where none of them is there. */
  const readLiteral = (bytes: Uint8Array, end: number, from: number): null | boolean | undefined => {
    const [word, value] =
      bytes[from] === NULL[0] ? [NULL, null] : bytes[from] === TRUE[0] ? [TRUE, true] : [FALSE, false];
    after = isAt(bytes, end, from, word) ? from + word.length : -1;
    return after < 0 ? undefined : value;
  };

  /** Passes over the value of a field that is no column. */
  const skipValue = (bytes: Uint8Array, end: number, from: number): boolean => {
    const byte = bytes[from] as number;
    if (byte === QUOTE) after = endOfText(bytes, end, from + 1);
    else if (byte === MINUS || isDigit(byte)) readNumber(bytes, end, from, false);
    else after = endOfValue(bytes, end, from);
    return after >= 0;
  };

  /** The code of a column's value; undefined where `readJsonRecord` must read it. */
  const readValue = (bytes: Uint8Array, end: number, from: number, column: number): number | undefined => {
    const byte = bytes[from] as number;
    if (byte === MINUS || isDigit(byte)) {
      const value = readNumber(bytes, end, from, !isNumber[column]);
      if (after < 0) return undefined;
      const known = numbers[column];
      if (known !== undefined) return known.get(value) ?? (unseen[column] as number);
      if (!isNumber[column]) return encodeValue(column, value);
      const rounded = Math.fround(value);
      // A number that float32 cannot hold is missing, an infinity stays one.
      return Number.isFinite(rounded) || !Number.isFinite(value) ? rounded : Number.NaN;
    }
    if (byte === QUOTE) {
      if (!isText[column]) return undefined;
      const code = readWord(bytes, end, from + 1, column);
      return code === -1 ? undefined : code;
    }
    const literal = readLiteral(bytes, end, from);
    return literal === undefined ? undefined : encodeValue(column, literal);
  };

  /** Encodes the fields of the object at `start`; gives where it ends, -1 where `readJsonRecord` must read the record. */
  const readObject = (
    level: Level,
    bytes: Uint8Array,
    start: number,
    end: number,
    into: Float32Array,
    first: number,
  ): number => {
    // Of two objects of one name the last counts, whole.
    if (bytes[start] !== OPEN || level.record === record) return -1;
    level.record = record;
    let i = skipSpace(bytes, end, start + 1);
    if (i < end && bytes[i] === CLOSE) return i + 1;
    for (let place = 0; i < end; place++) {
      if (bytes[i] !== QUOTE) return -1;
      const key = readKey(level, bytes, end, i + 1, place);
      if (key === undefined) return -1;
      const { column, event, inner } = key;
      i = skipSpace(bytes, end, after);
      if (i >= end || bytes[i] !== COLON) return -1;
      i = skipSpace(bytes, end, i + 1);
      if (i >= end) return -1;
      if (event >= 0 && !skipEvent(bytes, end, i, event)) return -1;
      if (inner !== undefined && bytes[i] === OPEN) {
        if (column >= 0) return -1;
        after = readObject(inner, bytes, i, end, into, first);
        if (after < 0) return -1;
      } else if (column < 0) {
        if (column === NOTICED) hasNoticed = true;
        if (!skipValue(bytes, end, i)) return -1;
      } else {
        const code = readValue(bytes, end, i, column);
        if (code === undefined || isElsewhere(column, level)) return -1;
        into[first + column] = code;
        columnsFound++;
      }
      i = skipSpace(bytes, end, after);
      if (i >= end) return -1;
      if (bytes[i] === CLOSE) return i + 1;
      if (bytes[i] !== COMMA) return -1;
      i = skipSpace(bytes, end, i + 1);
    }
    return -1;
  };

  /** Whether the record had the column already, at another level: a field with a dot in its name counts before one in an object. */
  const isElsewhere = (column: number, level: Level): boolean => {
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
      columnsFound = 0;
      hasNoticed = false;
      record = (record + 1) | 0;
      into.fill(Number.NaN, first, first + width);
      return readObject(outer, bytes, start, end, into, first);
    },
  };
}

/** The keys of a record by which the columns are found: their names, or the parts of these that stand before and behind a dot. */
function levelOf(
  columns: readonly { readonly name: string; readonly column: number }[],
  isOuter = true,
): Level {
  const within = new Map<string, { name: string; column: number }[]>();
  for (const { name, column } of columns) {
    for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) {
      const outer = name.slice(0, dot);
      within.set(outer, [...(within.get(outer) ?? []), { name: name.slice(dot + 1), column }]);
    }
  }
  const places = columns.map(({ name, column }) => [name, column] as const);
  return {
    keys: [],
    names: wordTable(
      places.map(([name]) => name),
      places.map(([, column]) => column),
    ),
    innerNames: wordTable([...within.keys()]),
    inners: [...within.values()].map((inner) => levelOf(inner, false)),
    isOuter,
    record: 0,
  };
}

/** The numbers of a category's vocabulary and their codes; undefined for a column that is not told apart by numbers. */
function numberTable(column: ColumnCoding): ReadonlyMap<number, number> | undefined {
  if (column.kind !== "category" || column.valueType !== "number") return undefined;
  // What is not in the form of `String(number)` is never found, and a later one replaces an earlier one.
  const canonical = [...column.vocabulary.entries()].filter(([, text]) => String(Number(text)) === text);
  return new Map(canonical.map(([code, text]) => [Number(text), code]));
}
