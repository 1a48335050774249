import { asciiBytes, isAt, isDigit } from "./json-bytes.ts";
import { JsonNumberReader } from "./json-number.ts";
import { MetTexts } from "./met-texts.ts";

const [SPACE, QUOTE, MINUS, BACKSLASH] = [32, 34, 45, 92];

/** Longer texts are no addresses and no times. */
const LONGEST_TEXT = 256;

const WORDS: readonly (readonly [Uint8Array, unknown])[] = [
  [asciiBytes("null"), null],
  [asciiBytes("true"), true],
  [asciiBytes("false"), false],
];

/** Makes values of JSON text whose places somebody has found. */
export class SoughtValues {
  /** By the field's number: where its value begins in the bytes of the record that was begun last; -1 where it has none. */
  readonly places: Int32Array;
  readonly #sought: readonly number[];
  readonly #numbers = new JsonNumberReader();
  readonly #texts = new MetTexts();
  #bytes: Uint8Array = new Uint8Array();
  #end = 0;

  /** @param sought numbers of the fields whose values are made @param fields how many fields have a number */
  constructor(sought: readonly number[], fields: number) {
    this.#sought = sought;
    this.places = new Int32Array(fields);
  }

  /** @param end where the text ends that a record may be in */
  begin(bytes: Uint8Array, end: number): void {
    this.#bytes = bytes;
    this.#end = end;
    for (let k = 0; k < this.#sought.length; k++) this.places[this.#sought[k] as number] = -1;
  }

  /** Whether the record has the field of this place in the list of those that are sought. */
  has(place: number): boolean {
    return (this.places[this.#sought[place] as number] as number) >= 0;
  }

  /**
   * Writes the values into `values`, undefined for those that are not there.
   * @returns false where one is no number, plain ASCII text, true, false or null, or has escapes
   */
  read(values: unknown[]): boolean {
    const bytes = this.#bytes;
    for (let k = 0; k < this.#sought.length; k++) {
      const field = this.#sought[k] as number;
      const from = this.places[field] as number;
      const byte = from < 0 ? 0 : (bytes[from] as number);
      if (from < 0) values[k] = undefined;
      else if (byte === QUOTE) {
        const text = this.#text(from + 1);
        if (text === undefined) return false;
        values[k] = text;
      } else if (byte === MINUS || isDigit(byte)) {
        values[k] = this.#numbers.read(bytes, this.#end, from, true);
        if (this.#numbers.after < 0) return false;
      } else {
        const word = WORDS.find(([written]) => isAt(bytes, this.#end, from, written));
        if (word === undefined) return false;
        values[k] = word[1];
      }
    }
    return true;
  }

  #text(from: number): string | undefined {
    const bytes = this.#bytes;
    const most = Math.min(this.#end, from + LONGEST_TEXT);
    let hash = 0;
    for (let i = from; i < most; i++) {
      const byte = bytes[i] as number;
      if (byte === QUOTE) return this.#texts.text(bytes, from, i, hash);
      if (byte < SPACE || byte === BACKSLASH || byte > 126) return undefined;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    return undefined;
  }
}
