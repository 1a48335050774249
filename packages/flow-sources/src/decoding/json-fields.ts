import { endOfText, endOfValue, isAt, skipSpace } from "./json-bytes.ts";
import { withWholeLetters } from "./read-json-record.ts";
import { decodeUtf8 } from "./utf8.ts";

const [QUOTE, COMMA, COLON, BACKSLASH, OPEN, CLOSE] = [34, 44, 58, 92, 123, 125];

/** Places of a field: where it begins, where its value begins, and where it ends. */
const PLACES = 3;

/** Names beyond so many are read anew in every object. */
const MOST_NAMES = 4096;

interface Name {
  /** With its quotes, as it is written. */
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** Where the fields of a JSON object are in its text. One for many objects is best: it remembers the names. */
export class JsonFields {
  /** How many fields the last object has. */
  count = 0;
  #places = new Int32Array(64 * PLACES);
  /** The names of the last object's fields, and perhaps more behind them. */
  readonly #names: Name[] = [];
  /** Names by the hash of how they are written. */
  readonly #met = new Map<number, Name>();

  /**
   * Finds the fields of the object that begins at `start`.
   * @returns where the object ends; -1 where it is none, or does not end before `end`
   */
  find(bytes: Uint8Array, start: number, end: number): number {
    this.count = 0;
    if (start >= end || bytes[start] !== OPEN) return -1;
    let i = skipSpace(bytes, end, start + 1);
    if (i < end && bytes[i] === CLOSE) return i + 1;
    while (i < end && bytes[i] === QUOTE) {
      const keyEnd = this.#readName(bytes, end, i);
      if (keyEnd < 0) return -1;
      const colon = skipSpace(bytes, end, keyEnd);
      if (colon >= end || bytes[colon] !== COLON) return -1;
      const value = skipSpace(bytes, end, colon + 1);
      const valueEnd = endOfValue(bytes, end, value);
      if (valueEnd < 0) return -1;
      this.#add(i, value, valueEnd);
      i = skipSpace(bytes, end, valueEnd);
      if (i >= end) return -1;
      if (bytes[i] === CLOSE) return i + 1;
      if (bytes[i] !== COMMA) return -1;
      i = skipSpace(bytes, end, i + 1);
    }
    return -1;
  }

  /** The field's name, its escapes read. */
  name(field: number): string {
    return (this.#names[field] as Name).text;
  }

  /** Where the field's text begins: its name in quotes, a colon, and its value. */
  start(field: number): number {
    return this.#places[field * PLACES] as number;
  }

  /** Where the field's value begins. */
  value(field: number): number {
    return this.#places[field * PLACES + 1] as number;
  }

  /** Where the field's value ends. */
  end(field: number): number {
    return this.#places[field * PLACES + 2] as number;
  }

  /** Most records have their names where the record before had them. @returns where the name ends; -1 where it is no text */
  #readName(bytes: Uint8Array, end: number, from: number): number {
    const known = this.#names[this.count];
    if (known !== undefined && isAt(bytes, end, from, known.bytes)) return from + known.bytes.length;
    const after = endOfText(bytes, end, from + 1);
    if (after < 0) return -1;
    this.#names[this.count] = this.#findName(bytes, from, after);
    return after;
  }

  /** The name that is written from `from` to `end`, read once where it is met again elsewhere. */
  #findName(bytes: Uint8Array, from: number, end: number): Name {
    let hash = 0;
    for (let i = from; i < end; i++) hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0;
    const met = this.#met.get(hash);
    if (met?.bytes.length === end - from && isAt(bytes, end, from, met.bytes)) return met;
    const own = bytes.slice(from, end);
    const written = decodeUtf8(own) ?? "";
    // Without escapes a text is what stands between its quotes.
    const text = own.includes(BACKSLASH)
      ? String(JSON.parse(withWholeLetters(written)))
      : written.slice(1, -1);
    const name = { bytes: own, text };
    if (this.#met.size < MOST_NAMES) this.#met.set(hash, name);
    return name;
  }

  #add(start: number, value: number, end: number): void {
    const first = this.count++ * PLACES;
    if (first + PLACES > this.#places.length) {
      const longer = new Int32Array(2 * this.#places.length);
      longer.set(this.#places);
      this.#places = longer;
    }
    this.#places[first] = start;
    this.#places[first + 1] = value;
    this.#places[first + 2] = end;
  }
}
