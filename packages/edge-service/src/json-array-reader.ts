import { ByteWindow } from "@oddflow/flow-sources";
import type { FlowBatch } from "./flow-batch.ts";
import { Problem } from "./problem.ts";
import { type RecordReader, type RecordReaderOptions, RecordWriter } from "./record-reader.ts";

const [QUOTE, COMMA, OPEN_LIST, BACKSLASH, CLOSE_LIST, OPEN, CLOSE] = [34, 44, 91, 92, 93, 123, 125];
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** What comes next in the text of an array. */
type Expecting = "start" | "first" | "element" | "separator" | "nothing";

/**
 * The elements of a JSON array, a record each. Where an element ends is told by its brackets and quotes; what is between
 * them is read by itself, so an element that is no JSON is rejected in its place.
 */
export class JsonArrayReader implements RecordReader {
  readonly #writer: RecordWriter;
  readonly #window = new ByteWindow();
  #expecting: Expecting = "start";
  #hasEnded = false;
  /** How far into the element its end has been looked for, and what was open there. */
  #searched = 0;
  #depth = 0;
  #isInText = false;
  #isEscaped = false;

  constructor(options: RecordReaderOptions) {
    this.#writer = new RecordWriter(options);
  }

  feed(bytes: Uint8Array): void {
    this.#window.append(bytes);
  }

  end(): void {
    this.#hasEnded = true;
  }

  fill(batch: FlowBatch): void {
    const window = this.#window;
    while (!batch.isFull) {
      if (this.#searched === 0) this.#skipSpace();
      if (window.length === 0) break;
      const byte = window.bytes[window.start] as number;
      if (this.#expecting === "start") {
        if (!this.#readStart(byte)) break;
      } else if (this.#expecting === "nothing") {
        throw new Problem("unreadable-body", "there is something behind the end of the array");
      } else if (this.#expecting === "separator") {
        if (byte !== COMMA && byte !== CLOSE_LIST) {
          throw new Problem(
            "unreadable-body",
            `expected , or ] behind record ${batch.firstRow + batch.records - 1}`,
          );
        }
        this.#expecting = byte === COMMA ? "element" : "nothing";
        window.start++;
      } else if (this.#expecting === "first" && byte === CLOSE_LIST) {
        this.#expecting = "nothing";
        window.start++;
      } else if (!this.#readElement(batch)) break;
    }
    if (this.#hasEnded && !batch.isFull && this.#expecting !== "nothing") {
      throw new Problem(
        "unreadable-body",
        this.#expecting === "start"
          ? "the body is empty; expected a JSON array of records"
          : `the array is cut short behind ${batch.firstRow + batch.records} records: it has no ] at its end`,
      );
    }
  }

  #skipSpace(): void {
    const window = this.#window;
    while (window.length > 0 && isSpace(window.bytes[window.start] as number)) window.start++;
  }

  /** False where more must come first. */
  #readStart(byte: number): boolean {
    const window = this.#window;
    if (byte === BYTE_ORDER_MARK[0] && window.length < 3 && !this.#hasEnded) return false;
    if (BYTE_ORDER_MARK.every((mark, i) => window.bytes[window.start + i] === mark)) {
      window.start += 3;
      return true;
    }
    if (byte !== OPEN_LIST) {
      throw new Problem(
        "unreadable-body",
        "the body is no JSON array; expected an array of records, or send lines of JSON as application/x-ndjson",
      );
    }
    window.start++;
    this.#expecting = "first";
    return true;
  }

  /** False where more must come first. */
  #readElement(batch: FlowBatch): boolean {
    const window = this.#window;
    if (this.#searched === 0) {
      const { bytes, start, end } = window;
      const after = this.#writer.addPlain(batch, bytes, start, end, (place) =>
        this.#isSeparated(batch, place),
      );
      if (after >= 0) {
        window.start = after;
        this.#expecting = "separator";
        return true;
      }
    }
    const length = this.#findEnd();
    this.#writer.checkBytes(batch, length ?? window.length);
    if (length === undefined) return false;
    this.#writer.addText(batch, window.bytes.subarray(window.start, window.start + length));
    window.start += length;
    this.#expecting = "separator";
    return true;
  }

  /** Whether an element that ends at `place` has a comma or the array's end behind it, and is not too large with what is before that. */
  #isSeparated(batch: FlowBatch, place: number): boolean {
    const { bytes, start, end } = this.#window;
    let i = place;
    while (i < end && isSpace(bytes[i] as number)) i++;
    if (i === end || (bytes[i] !== COMMA && bytes[i] !== CLOSE_LIST)) return false;
    this.#writer.checkBytes(batch, i - start);
    return true;
  }

  /** How many bytes the element at the window's start has; undefined where its end has not come. */
  #findEnd(): number | undefined {
    const { bytes, start, end } = this.#window;
    for (let i = start + this.#searched; i < end; i++) {
      const byte = bytes[i] as number;
      if (this.#isEscaped) this.#isEscaped = false;
      else if (this.#isInText) {
        if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) this.#isInText = false;
      } else if (byte === QUOTE) this.#isInText = true;
      else if (byte === OPEN || byte === OPEN_LIST) this.#depth++;
      else if (this.#depth === 0 && (byte === COMMA || byte === CLOSE_LIST)) {
        this.#searched = 0;
        return i - start;
      } else if (byte === CLOSE || byte === CLOSE_LIST) this.#depth = Math.max(0, this.#depth - 1);
    }
    this.#searched = end - start;
    return undefined;
  }
}

function isSpace(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === 10 || byte === 13;
}
