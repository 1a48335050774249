import { findWord, type WordTable } from "./ascii-words.ts";
import { areAt, type BytesInWords, bytesInWords } from "./bytes-in-words.ts";
import type { ColumnReading } from "./column-reading.ts";
import { finiteFloat32 } from "./decimal.ts";
import { asciiBytes, endOfText, endOfValue, isAt, isDigit } from "./json-bytes.ts";
import type { ViewedText } from "./json-keys.ts";
import { JsonNumberReader, readPlainFloat32 } from "./json-number.ts";

const [LINE_FEED, SPACE, QUOTE, COMMA, MINUS, ZERO, OPEN_LIST, BACKSLASH, OPEN, CLOSE] = [
  10, 32, 34, 44, 45, 48, 91, 92, 123, 125,
];

/** So many texts of a column are looked for before their hash is made: those that come most come first. */
const MOST_KNOWN = 8;

const NULL = asciiBytes("null");
const TRUE = asciiBytes("true");
const FALSE = asciiBytes("false");

/** A text with its quotes, and its code. */
interface KnownText {
  readonly written: BytesInWords;
  readonly code: number;
}

/** Reads values of JSON as codes of columns, or passes over them. */
export class JsonValueReader {
  /** Whether a line has ended in a list or an object that was passed over. */
  metLineFeed = false;
  readonly #readings: readonly ColumnReading[];
  /** By column: texts that have been met. */
  readonly #known: readonly KnownText[][];
  readonly #numbers = new JsonNumberReader();

  constructor(readings: readonly ColumnReading[]) {
    this.#readings = readings;
    this.#known = readings.map(() => []);
  }

  /**
   * Writes the code of a column's value into `into`.
   * @returns where the value ends; -1 where `readJsonRecord` must read it
   */
  readCode(
    text: ViewedText,
    end: number,
    from: number,
    column: number,
    into: Float32Array,
    place: number,
  ): number {
    const { bytes, view } = text;
    const reading = this.#readings[column] as ColumnReading;
    if (reading.isNumber) {
      const after = readPlainFloat32(bytes, view, end, from, into, place);
      if (after >= 0) return after;
    } else {
      const known = this.#known[column] as KnownText[];
      for (let k = 0; k < known.length; k++) {
        const { written, code } = known[k] as KnownText;
        if (written.length > end - from || !areAt(view, from, written)) continue;
        into[place] = code;
        return from + written.length;
      }
    }
    return this.#readOther(bytes, end, from, column, into, place);
  }

  /** Passes over a value that is no column's: gives where it ends, or -1. */
  skip(bytes: Uint8Array, end: number, from: number): number {
    const byte = bytes[from] as number;
    if (byte === QUOTE) return endOfText(bytes, end, from + 1);
    if (byte !== MINUS && !isDigit(byte)) {
      const after = endOfValue(bytes, end, from);
      if (byte === OPEN || byte === OPEN_LIST) {
        this.metLineFeed ||= bytes.subarray(from, Math.max(from, after)).includes(LINE_FEED);
      }
      return after;
    }
    let i = from;
    while (i < end && isDigit(bytes[i] as number)) i++;
    // Most are whole, and without a sign.
    const isWhole =
      i < end && (bytes[i] === COMMA || bytes[i] === CLOSE) && (byte !== ZERO || i === from + 1);
    if (isWhole && i > from) return i;
    this.#numbers.read(bytes, end, from, false);
    return this.#numbers.after;
  }

  #readOther(
    bytes: Uint8Array,
    end: number,
    from: number,
    column: number,
    into: Float32Array,
    place: number,
  ): number {
    const reading = this.#readings[column] as ColumnReading;
    const byte = bytes[from] as number;
    if (byte === MINUS || isDigit(byte)) {
      const { isNumber, numbers, unseen } = reading;
      const value = this.#numbers.read(bytes, end, from, !isNumber);
      into[place] = isNumber ? finiteFloat32(value) : (numbers.get(value) ?? unseen);
      return this.#numbers.after;
    }
    if (byte === QUOTE) {
      const { words, unseen } = reading;
      return words === undefined
        ? -1
        : this.#readWord(bytes, end, from + 1, column, words, unseen, into, place);
    }
    const [word, code] =
      byte === NULL[0]
        ? [NULL, reading.ofNull]
        : byte === TRUE[0]
          ? [TRUE, reading.ofTrue]
          : [FALSE, reading.ofFalse];
    if (code === undefined || !isAt(bytes, end, from, word)) return -1;
    into[place] = code;
    return from + word.length;
  }

  /** Reads plain ASCII text whose first letter is at `from`. */
  #readWord(
    bytes: Uint8Array,
    end: number,
    from: number,
    column: number,
    words: WordTable,
    unseen: number,
    into: Float32Array,
    place: number,
  ): number {
    let hash = 0;
    let i = from;
    for (; i < end; i++) {
      const byte = bytes[i] as number;
      if (byte === QUOTE) break;
      if (byte < SPACE || byte === BACKSLASH || byte > 126) return -1;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (i >= end) return -1;
    const code = i === from ? Number.NaN : findWord(words, hash, bytes, from, i);
    into[place] = code ?? unseen;
    const known = this.#known[column] as KnownText[];
    if (code !== undefined && known.length < MOST_KNOWN)
      known.push({ written: bytesInWords(bytes.slice(from - 1, i + 1)), code });
    return i + 1;
  }
}
