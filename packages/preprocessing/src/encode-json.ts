import type { ColumnCoding } from "./columns.ts";
import { createRecordEncoder, type FlowRecord } from "./encode.ts";

/**
 * Encodes flow records from the bytes of their JSON text, without making objects of them.
 *
 * Much of what a service does is reading JSON; this takes a third of the time of `JSON.parse` and `encode`. It reads the
 * records that there usually are: flat objects of numbers, plain texts, true, false and null. Whatever else there may be in
 * JSON it leaves to `JSON.parse`, which also says what is no JSON, so that all records mean the same in both ways.
 */
export interface JsonRecordEncoder {
  /**
   * Encodes the object that begins at `start` of UTF-8 text, as `RecordEncoder.encodeRecord` would, into `into` from
   * `first` on.
   * @returns where the object ends; -1 where it does not end before `end`, or is to be read by `JSON.parse`
   */
  encodeText(text: Uint8Array, start: number, end: number, into: Float32Array, first: number): number;
  /** How many of the columns the last record had. */
  readonly columnsFound: number;
}

const [TAB, LINE_FEED, RETURN, SPACE, QUOTE, COMMA, MINUS, PLUS, POINT, ZERO, NINE, COLON] = [
  9, 10, 13, 32, 34, 44, 45, 43, 46, 48, 57, 58,
];
const [BACKSLASH, OPEN, CLOSE, SMALL_E, LARGE_E, SMALL_U] = [92, 123, 125, 101, 69, 117];

/** A key is looked for where the record before had it; records have their keys in the same order. */
interface Key {
  /** ASCII, with the quote that ends it. */
  readonly bytes: Uint8Array;
  /** Index of the column; -1 for a field that is none. */
  readonly column: number;
}

/** More fields than this are looked up anew in every record. */
const MOST_KEYS = 512;

/** Powers of ten that float64 holds exactly: a number of at most 2^53 times or by one of them is rounded once, rightly. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const EXACT = 2 ** 53;

const NULL = asciiBytes("null");
const TRUE = asciiBytes("true");
const FALSE = asciiBytes("false");

/** Makes an encoder for the given columns; it remembers the order of keys, so one a stream is best. */
export function createJsonRecordEncoder(columns: readonly ColumnCoding[]): JsonRecordEncoder {
  const width = columns.length;
  // The rules for values that are met seldom are asked of the encoder of records.
  const encoders = columns.map((column) => createRecordEncoder([column]));
  const one = new Float32Array(1);
  const encodeValue = (column: number, value: unknown): number | undefined => {
    const record: FlowRecord = { [(columns[column] as ColumnCoding).name]: value };
    return encoders[column]?.encodeRecord(record, one, 0) === undefined ? (one[0] as number) : undefined;
  };
  const isNumber = columns.map(({ kind }) => kind === "number");
  const isText = columns.map((column) => column.kind === "category" && column.valueType === "text");
  const unseen = columns.map((column) => (column.kind === "category" ? column.vocabulary.length : 0));
  const words = columns.map((column) => wordTable(column.kind === "category" ? column.vocabulary : []));
  const names = wordTable(columns.map(({ name }) => name));
  const keys: (Key | undefined)[] = [];

  let bytes: Uint8Array = new Uint8Array();
  let end = 0;
  /** Where the value that was read last ends. */
  let after = 0;
  let columnsFound = 0;

  const skipSpace = (from: number): number => {
    let i = from;
    while (i < end) {
      const byte = bytes[i];
      if (byte !== SPACE && byte !== TAB && byte !== LINE_FEED && byte !== RETURN) break;
      i++;
    }
    return i;
  };

  /** The end of a text whose first letter is at `from`, past its quote; -1 where it is none. Escapes are passed over. */
  const endOfText = (from: number): number => {
    for (let i = from; i < end; i++) {
      const byte = bytes[i] as number;
      if (byte === QUOTE) return i + 1;
      if (byte < SPACE) return -1;
      if (byte !== BACKSLASH) continue;
      i++;
      const escaped = bytes[i] as number;
      if (i >= end || !isEscape(escaped)) return -1;
      if (escaped === SMALL_U) {
        if (i + 4 >= end) return -1;
        for (let digit = 1; digit <= 4; digit++) if (!isHexDigit(bytes[i + digit] as number)) return -1;
        i += 4;
      }
    }
    return -1;
  };

  const isAt = (from: number, word: Uint8Array): boolean => {
    if (from + word.length > end) return false;
    for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word[i]) return false;
    return true;
  };

  /** The number at `from`, to the last bit what `JSON.parse` makes of it; sets `after`, to -1 where there is none. */
  const readNumber = (from: number): number => {
    let i = from;
    const isNegative = bytes[i] === MINUS;
    if (isNegative) i++;
    const whole = i;
    let mantissa = 0;
    let byte = i < end ? (bytes[i] as number) : 0;
    while (byte >= ZERO && byte <= NINE) {
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
      while (byte >= ZERO && byte <= NINE) {
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
      while (i < end && (bytes[i] as number) >= ZERO && (bytes[i] as number) <= NINE) i++;
      if (i === power) return 0;
    }
    // A number that ends where the text does may go on in what comes next.
    if (i >= end) return 0;
    after = i;
    if (isPlain && digits <= 16 && mantissa < EXACT && exponent >= -22) {
      const value = exponent === 0 ? mantissa : mantissa / (POWERS[-exponent] as number);
      return isNegative ? -value : value;
    }
    let text = "";
    for (let k = from; k < i; k++) text += String.fromCharCode(bytes[k] as number);
    return Number(text);
  };

  /** The code of the plain ASCII text whose first letter is at `from`; -1 where `JSON.parse` must read it. */
  const readWord = (from: number, column: number): number => {
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

  /** The column of the key whose first letter is at `from`; undefined where `JSON.parse` must read it. */
  const readKey = (from: number, place: number): number | undefined => {
    const expected = keys[place];
    if (expected !== undefined && isAt(from, expected.bytes)) {
      after = from + expected.bytes.length;
      return expected.column;
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
    const column = findWord(names, hash, bytes, from, i) ?? -1;
    if (place < MOST_KEYS) keys[place] = { bytes: bytes.slice(from, after), column };
    return column;
  };

  /** Passes over the value of a field that is no column. */
  const skipValue = (from: number): boolean => {
    const byte = bytes[from] as number;
    if (byte === QUOTE) after = endOfText(from + 1);
    else if (isAt(from, NULL) || isAt(from, TRUE)) after = from + 4;
    else if (isAt(from, FALSE)) after = from + 5;
    else readNumber(from);
    return after >= 0;
  };

  /** The code of a column's value; undefined where `JSON.parse` must read it. */
  const readValue = (from: number, column: number): number | undefined => {
    const byte = bytes[from] as number;
    if (byte === QUOTE) {
      if (!isText[column]) return undefined;
      const code = readWord(from + 1, column);
      return code === -1 ? undefined : code;
    }
    if (isAt(from, NULL)) {
      after = from + 4;
      return Number.NaN;
    }
    const isTrue = isAt(from, TRUE);
    if (isTrue || isAt(from, FALSE)) {
      after = from + (isTrue ? 4 : 5);
      return encodeValue(column, isTrue);
    }
    const value = readNumber(from);
    if (after < 0) return undefined;
    if (!isNumber[column]) return encodeValue(column, value);
    const rounded = Math.fround(value);
    // A number that float32 cannot hold is missing, an infinity stays one.
    return Number.isFinite(rounded) || !Number.isFinite(value) ? rounded : Number.NaN;
  };

  return {
    get columnsFound() {
      return columnsFound;
    },
    encodeText(text, start, textEnd, into, first) {
      bytes = text;
      end = textEnd;
      columnsFound = 0;
      if (bytes[start] !== OPEN) return -1;
      into.fill(Number.NaN, first, first + width);
      let i = skipSpace(start + 1);
      if (i < end && bytes[i] === CLOSE) return i + 1;
      for (let place = 0; i < end; place++) {
        if (bytes[i] !== QUOTE) return -1;
        const column = readKey(i + 1, place);
        if (column === undefined) return -1;
        i = skipSpace(after);
        if (i >= end || bytes[i] !== COLON) return -1;
        i = skipSpace(i + 1);
        if (i >= end) return -1;
        if (column < 0) {
          if (!skipValue(i)) return -1;
        } else {
          const code = readValue(i, column);
          if (code === undefined) return -1;
          into[first + column] = code;
          columnsFound++;
        }
        i = skipSpace(after);
        if (i >= end) return -1;
        if (bytes[i] === CLOSE) return i + 1;
        if (bytes[i] !== COMMA) return -1;
        i = skipSpace(i + 1);
      }
      return -1;
    },
  };
}

/** Words of plain ASCII and their places, by their hash. */
type WordTable = ReadonlyMap<number, readonly { readonly bytes: Uint8Array; readonly place: number }[]>;

function wordTable(words: readonly string[]): WordTable {
  const table = new Map<number, { bytes: Uint8Array; place: number }[]>();
  words.forEach((word, place) => {
    if (!/^[ -~]*$/.test(word)) return;
    const bytes = asciiBytes(word);
    const hash = bytes.reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, 0);
    table.set(hash, [...(table.get(hash) ?? []), { bytes, place }]);
  });
  return table;
}

function findWord(
  table: WordTable,
  hash: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number | undefined {
  for (const word of table.get(hash) ?? []) {
    let i = end - start === word.bytes.length ? 0 : -1;
    while (i >= 0 && i < word.bytes.length && word.bytes[i] === bytes[start + i]) i++;
    if (i === word.bytes.length) return word.place;
  }
  return undefined;
}

function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** What may follow a backslash: " \ / b f n r t u. */
function isEscape(byte: number): boolean {
  return (
    byte === QUOTE ||
    byte === BACKSLASH ||
    byte === 47 ||
    byte === 98 ||
    byte === 102 ||
    byte === 110 ||
    byte === 114 ||
    byte === 116 ||
    byte === SMALL_U
  );
}

function isHexDigit(byte: number): boolean {
  return (byte >= ZERO && byte <= NINE) || ((byte | 32) >= 97 && (byte | 32) <= 102);
}
