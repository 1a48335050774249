import { endOfText, endOfValue, isAt, skipSpace } from "./json-bytes.ts";
import { decodeUtf8 } from "./utf8.ts";

const [QUOTE, COMMA, COLON, BACKSLASH, OPEN, CLOSE] = [34, 44, 58, 92, 123, 125];

/** Places of a field: its key's opening quote, the end of the key, and its value. */
const PLACES = 4;

/** Names in further places are read anew in every object. */
const MOST_NAMES = 512;

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
  #bytes: Uint8Array = new Uint8Array();
  readonly #names: (Name | undefined)[] = [];

  /**
   * Finds the fields of the object that begins at `start`.
   * @returns where the object ends; -1 where it is none, or does not end before `end`
   */
  find(bytes: Uint8Array, start: number, end: number): number {
    this.#bytes = bytes;
    this.count = 0;
    if (start >= end || bytes[start] !== OPEN) return -1;
    let i = skipSpace(bytes, end, start + 1);
    if (i < end && bytes[i] === CLOSE) return i + 1;
    while (i < end && bytes[i] === QUOTE) {
      const keyEnd = endOfText(bytes, end, i + 1);
      if (keyEnd < 0) return -1;
      const colon = skipSpace(bytes, end, keyEnd);
      if (colon >= end || bytes[colon] !== COLON) return -1;
      const value = skipSpace(bytes, end, colon + 1);
      const valueEnd = endOfValue(bytes, end, value);
      if (valueEnd < 0) return -1;
      this.#add(i, keyEnd, value, valueEnd);
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
    const start = this.start(field);
    const end = this.#places[field * PLACES + 1] as number;
    const known = this.#names[field];
    if (known && known.bytes.length === end - start && isAt(this.#bytes, end, start, known.bytes)) {
      return known.text;
    }
    const bytes = this.#bytes.slice(start, end);
    const written = decodeUtf8(bytes) ?? "";
    const text = bytes.includes(BACKSLASH) ? String(JSON.parse(written)) : written.slice(1, -1);
    if (field < MOST_NAMES) this.#names[field] = { bytes, text };
    return text;
  }

  /** Where the field's text begins: its name in quotes, a colon, and its value. */
  start(field: number): number {
    return this.#places[field * PLACES] as number;
  }

  /** Where the field's value begins. */
  value(field: number): number {
    return this.#places[field * PLACES + 2] as number;
  }

  /** Where the field's value ends. */
  end(field: number): number {
    return this.#places[field * PLACES + 3] as number;
  }

  #add(start: number, nameEnd: number, value: number, end: number): void {
    const first = this.count++ * PLACES;
    if (first + PLACES > this.#places.length) {
      const longer = new Int32Array(2 * this.#places.length);
      longer.set(this.#places);
      this.#places = longer;
    }
    this.#places[first] = start;
    this.#places[first + 1] = nameEnd;
    this.#places[first + 2] = value;
    this.#places[first + 3] = end;
  }
}
