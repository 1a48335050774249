import { SCORE_COLUMNS, type ScoredRows } from "@oddflow/preprocessing";
import { isSpace } from "../decoding/json-bytes.ts";
import { JsonFields } from "../decoding/json-fields.ts";
import { JsonScores } from "./flow-scores.ts";
import { WrittenBytes } from "./written-bytes.ts";

/** The fields of a record that are written again. */
export type KeptFields =
  | "all"
  | "none"
  | { readonly except: readonly string[] }
  | { readonly only: readonly string[] };

const [LINE_FEED, RETURN, SPACE, COMMA, OPEN, CLOSE] = [10, 13, 32, 44, 123, 125];

/** A record that is to be written again. */
interface WrittenRecord {
  /** Where its JSON begins, an object without space around it. */
  readonly start: number;
  readonly end: number;
  /** Whether it is known to have none of the score columns. */
  readonly isNew: boolean;
  /** Whether it is known to be on one line. */
  readonly isLine: boolean;
}

/**
 * Lines of JSON: records with what was found added. A field that stays is copied as it was written: through JavaScript's
 * numbers a 64-bit id would become another. Fields of an earlier scoring go.
 */
export class ScoredJsonWriter {
  readonly #kept: KeptFields;
  readonly #fields = new JsonFields();
  readonly #written = new WrittenBytes();
  readonly #scores: JsonScores;
  readonly #isDropped: (name: string) => boolean;

  /** @param names the model's columns, which top columns are named by */
  constructor(kept: KeptFields, names: readonly string[] = []) {
    this.#kept = kept;
    this.#scores = new JsonScores(names);
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
    this.#putRecord(bytes, start, end, isNew, bytes.subarray(start, end).includes(LINE_FEED));
    this.#written.putText(added.slice(1));
    this.#written.putByte(LINE_FEED);
  }

  /** Appends a record with a row's scores. */
  appendScores(
    bytes: Uint8Array,
    { start, end, isNew, isLine }: WrittenRecord,
    rows: ScoredRows,
    row: number,
  ): void {
    const written = this.#written;
    this.#putRecord(bytes, start, end, isNew, !isLine && bytes.subarray(start, end).includes(LINE_FEED));
    this.#scores.put(rows, row, written);
    written.putByte(CLOSE);
    written.putByte(LINE_FEED);
  }

  /** The lines since this was called last; they hold until the next is appended. */
  take(): Uint8Array {
    return this.#written.take();
  }

  /** The record with what it keeps, up to its closing bracket. */
  #putRecord(bytes: Uint8Array, start: number, end: number, isNew: boolean, hasLines: boolean): void {
    const first = this.#written.length;
    if (this.#kept === "none") this.#written.putByte(OPEN);
    else if (this.#kept === "all" && isNew) this.#putWhole(bytes, start, end);
    else this.#putFields(bytes, start, end);
    if (hasLines) this.#joinLines(first);
  }

  #putWhole(bytes: Uint8Array, start: number, end: number): void {
    let last = end - 1;
    while (isSpace(bytes[last - 1] as number)) last--;
    this.#written.copy(bytes, start, last);
    if (last > start + 1) this.#written.putByte(COMMA);
  }

  #putFields(bytes: Uint8Array, start: number, end: number): void {
    const fields = this.#fields;
    fields.find(bytes, start, end);
    this.#written.putByte(OPEN);
    for (let field = 0; field < fields.count; field++) {
      if (this.#isDropped(fields.name(field))) continue;
      this.#written.copy(bytes, fields.start(field), fields.end(field));
      this.#written.putByte(COMMA);
    }
  }

  /** A record that goes over several lines becomes one: between the parts of JSON a space means the same. */
  #joinLines(first: number): void {
    const { bytes, length } = this.#written;
    for (let i = first; i < length; i++) {
      if (bytes[i] === LINE_FEED || bytes[i] === RETURN) bytes[i] = SPACE;
    }
  }
}
