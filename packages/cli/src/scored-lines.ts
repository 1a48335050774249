import { isSpace, JsonFields } from "@oddflow/flow-sources";
import { SCORE_COLUMNS } from "@oddflow/preprocessing";
import type { FlowLines } from "./flow-lines.ts";

/** The fields of the input that are written again. */
export type KeptFields = "all" | "none" | { readonly except: readonly string[] };

const [LINE_FEED, COMMA, OPEN] = [10, 44, 123];

/** What a line is expected to grow by. */
const ADDED_BYTES = 128;

/** Fewer bytes are faster copied one by one than by a call of Node's. */
const COPIED_AT_ONCE = 64;

/** How the name of a score column begins in a line, and the escape that could hide one. */
const SIGNS = [...SCORE_COLUMNS.map((name) => `"${name}"`), "\\u"];

/**
 * Lines of JSON with what was found added. A field that stays is copied as it was written: through JavaScript's numbers a
 * 64-bit id would become another. Fields of an earlier scoring go.
 */
export class ScoredLineWriter {
  readonly #kept: KeptFields;
  readonly #dropped: ReadonlySet<string>;
  readonly #fields = new JsonFields();
  #written = Buffer.alloc(0);
  #length = 0;

  constructor(kept: KeptFields) {
    this.#kept = kept;
    this.#dropped = new Set([...SCORE_COLUMNS, ...(typeof kept === "object" ? kept.except : [])]);
  }

  /** @param added a JSON object for each line, in their order */
  format(lines: FlowLines, added: readonly string[]): Buffer {
    if (lines.count === 0) return Buffer.alloc(0);
    const bytes = Buffer.from(lines.bytes.buffer, lines.bytes.byteOffset, lines.bytes.length);
    const text = bytes.subarray(lines.start(0), lines.end(lines.count - 1));
    const isWhole = this.#kept === "all" && !SIGNS.some((sign) => text.includes(sign));
    this.#written = Buffer.allocUnsafe(text.length + ADDED_BYTES * lines.count);
    this.#length = 0;
    for (let line = 0; line < lines.count; line++) {
      if (isWhole) this.#copyWhole(bytes, lines.start(line), lines.end(line));
      else if (this.#kept === "none") this.#putByte(OPEN);
      else this.#copyFields(bytes, lines.start(line), lines.end(line));
      this.#putAdded(added[line] as string);
    }
    return this.#written.subarray(0, this.#length);
  }

  /** The object up to its closing bracket, and a comma where something follows. */
  #copyWhole(bytes: Buffer, start: number, end: number): void {
    let last = end - 1;
    while (isSpace(bytes[last - 1] as number)) last--;
    this.#copy(bytes, start, last);
    if (bytes[last - 1] !== OPEN) this.#putByte(COMMA);
  }

  #copyFields(bytes: Buffer, start: number, end: number): void {
    const fields = this.#fields;
    fields.find(bytes, start, end);
    this.#putByte(OPEN);
    for (let field = 0; field < fields.count; field++) {
      if (this.#dropped.has(fields.name(field))) continue;
      this.#copy(bytes, fields.start(field), fields.end(field));
      this.#putByte(COMMA);
    }
  }

  #putAdded(object: string): void {
    this.#makeRoom(3 * object.length + 1);
    this.#length += this.#written.write(object.slice(1), this.#length);
    this.#putByte(LINE_FEED);
  }

  #copy(bytes: Buffer, start: number, end: number): void {
    this.#makeRoom(end - start);
    if (end - start > COPIED_AT_ONCE) {
      this.#length += bytes.copy(this.#written, this.#length, start, end);
      return;
    }
    const written = this.#written;
    for (let i = start; i < end; i++) written[this.#length++] = bytes[i] as number;
  }

  #putByte(byte: number): void {
    this.#makeRoom(1);
    this.#written[this.#length++] = byte;
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#written.length) return;
    const longer = Buffer.allocUnsafe(2 * needed);
    this.#written.copy(longer, 0, 0, this.#length);
    this.#written = longer;
  }
}
