import { SCORE_COLUMNS } from "@oddflow/preprocessing";
import { isSpace } from "../decoding/json-bytes.ts";
import { JsonFields } from "../decoding/json-fields.ts";

/** Every runtime has it (WHATWG Encoding), but no type library that this package is compiled with. */
declare const TextEncoder: new () => {
  encodeInto(text: string, into: Uint8Array): { readonly written: number };
};

/** The fields of a record that are written again. */
export type KeptFields =
  | "all"
  | "none"
  | { readonly except: readonly string[] }
  | { readonly only: readonly string[] };

const [LINE_FEED, RETURN, SPACE, COMMA, OPEN] = [10, 13, 32, 44, 123];

const FIRST_BYTES = 1 << 16;

/** Fewer bytes are faster copied one by one than by a call. */
const COPIED_ONE_BY_ONE = 64;

/**
 * Lines of JSON: records with what was found added. A field that stays is copied as it was written: through JavaScript's
 * numbers a 64-bit id would become another. Fields of an earlier scoring go.
 */
export class ScoredJsonWriter {
  readonly #kept: KeptFields;
  readonly #fields = new JsonFields();
  readonly #encoder = new TextEncoder();
  readonly #isDropped: (name: string) => boolean;
  #written = new Uint8Array(FIRST_BYTES);
  #length = 0;

  constructor(kept: KeptFields) {
    this.#kept = kept;
    const scores = new Set(SCORE_COLUMNS);
    if (typeof kept === "string") this.#isDropped = (name) => scores.has(name);
    else if ("except" in kept) {
      const dropped = new Set([...SCORE_COLUMNS, ...kept.except]);
      this.#isDropped = (name) => dropped.has(name);
    } else {
      const only = new Set(kept.only);
      // An object stays whole where a field of it is to stay.
      const outer = kept.only.flatMap((name) =>
        [...name.matchAll(/\./g)].map(({ index }) => name.slice(0, index)),
      );
      for (const name of outer) only.add(name);
      this.#isDropped = (name) => scores.has(name) || !only.has(name);
    }
  }

  /**
   * Appends a line.
   * @param start where the record's JSON begins in `bytes`, an object without space around it
   * @param added a JSON object with a field at least
   * @param isNew whether the record is known to have none of the score columns
   */
  append(bytes: Uint8Array, start: number, end: number, added: string, isNew: boolean): void {
    const first = this.#length;
    if (this.#kept === "none") this.#putByte(OPEN);
    else if (this.#kept === "all" && isNew) this.#putWhole(bytes, start, end);
    else this.#putFields(bytes, start, end);
    if (bytes.subarray(start, end).includes(LINE_FEED)) this.#joinLines(first);
    this.#makeRoom(3 * added.length + 1);
    this.#length += this.#encoder.encodeInto(added.slice(1), this.#written.subarray(this.#length)).written;
    this.#putByte(LINE_FEED);
  }

  /** The lines since this was called last; they hold until the next `append`. */
  take(): Uint8Array {
    const lines = this.#written.subarray(0, this.#length);
    this.#length = 0;
    return lines;
  }

  /** The object up to its closing bracket. */
  #putWhole(bytes: Uint8Array, start: number, end: number): void {
    let last = end - 1;
    while (isSpace(bytes[last - 1] as number)) last--;
    this.#copy(bytes, start, last);
    if (last > start + 1) this.#putByte(COMMA);
  }

  #putFields(bytes: Uint8Array, start: number, end: number): void {
    const fields = this.#fields;
    fields.find(bytes, start, end);
    this.#putByte(OPEN);
    for (let field = 0; field < fields.count; field++) {
      if (this.#isDropped(fields.name(field))) continue;
      this.#copy(bytes, fields.start(field), fields.end(field));
      this.#putByte(COMMA);
    }
  }

  /** A record that goes over several lines becomes one: between the parts of JSON a space means the same. */
  #joinLines(first: number): void {
    for (let i = first; i < this.#length; i++) {
      const byte = this.#written[i];
      if (byte === LINE_FEED || byte === RETURN) this.#written[i] = SPACE;
    }
  }

  #copy(bytes: Uint8Array, start: number, end: number): void {
    this.#makeRoom(end - start);
    const written = this.#written;
    let length = this.#length;
    if (end - start <= COPIED_ONE_BY_ONE) {
      for (let i = start; i < end; i++) written[length++] = bytes[i] as number;
    } else {
      written.set(bytes.subarray(start, end), length);
      length += end - start;
    }
    this.#length = length;
  }

  #putByte(byte: number): void {
    this.#makeRoom(1);
    this.#written[this.#length++] = byte;
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#written.length) return;
    const longer = new Uint8Array(2 * needed);
    longer.set(this.#written.subarray(0, this.#length));
    this.#written = longer;
  }
}
