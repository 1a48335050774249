import { isSpace } from "../decoding/json-bytes.ts";
import { ByteWindow } from "./byte-window.ts";
import { hasByteOrderMark, LONGEST_LINE } from "./lines.ts";
import type { FramingStep, RecordFramer } from "./record-framer.ts";

const [LINE_FEED, QUOTE, COMMA, OPEN_LIST, BACKSLASH, CLOSE_LIST, OPEN, CLOSE] = [
  10, 34, 44, 91, 92, 93, 123, 125,
];

/** How the records of a JSON file are laid out: a line each, the entries of one list, or behind one another in some other way. */
export type JsonLayout = "lines" | "list" | "sequence";

/** What comes next outside of an item. */
type Expecting = "start" | "first" | "item" | "separator" | "nothing" | "any item";

/**
 * Cuts the bytes of a JSON file into its records: the entries of a list, or values behind one another, over as many lines
 * as they take. Where an item ends is told by its brackets and quotes; whether it is JSON is for its reader to say.
 */
export class JsonItemFramer implements RecordFramer {
  readonly #longest: number;
  readonly #window = new ByteWindow();
  #hasEnded = false;
  #expecting: Expecting = "start";
  /** The line of the window's first byte that has not been looked at, from 1. */
  #line = 1;
  /** How far the item at the window's start has been looked at, and what is open there. */
  #searched = 0;
  #depth = 0;
  #isInText = false;
  #isEscaped = false;
  /** The line on which the item before ended. */
  #lastLine = 0;
  #layout: JsonLayout = "lines";
  start = 0;
  end = 0;
  number = 1;
  problem = "";
  hadByteOrderMark = false;

  /** @param longest bytes that an item may have */
  constructor(longest: number = LONGEST_LINE) {
    this.#longest = longest;
  }

  get bytes(): Uint8Array {
    return this.#window.bytes;
  }

  get hasRest(): boolean {
    return this.#window.length > 0;
  }

  /** The layout of what has been read. */
  get layout(): JsonLayout {
    return this.#layout;
  }

  feed(piece: Uint8Array): void {
    this.#window.append(piece);
  }

  close(): void {
    this.#hasEnded = true;
  }

  next(): FramingStep {
    const window = this.#window;
    while (this.#searched === 0) {
      this.#skipSpace();
      if (window.length === 0)
        return this.#hasEnded && this.#isCut ? this.#broken("the list is cut short") : "wait";
      const step = this.#readBetween(window.bytes[window.start] as number);
      if (step === "item") break;
      if (step !== "on") return step;
    }
    const length = this.#findEnd();
    if ((length ?? window.length) > this.#longest) return "too long";
    if (length === undefined) return "wait";
    this.start = window.start;
    this.end = window.start + length;
    window.start = this.end;
    this.#searched = 0;
    this.#depth = 0;
    this.#isInText = false;
    this.#isEscaped = false;
    this.#expecting = this.#layout === "list" ? "separator" : "any item";
    if (this.#layout === "lines" && (this.number !== this.#line || this.number === this.#lastLine)) {
      this.#layout = "sequence";
    }
    this.#lastLine = this.#line;
    return "record";
  }

  get #isCut(): boolean {
    return this.#layout === "list" && this.#expecting !== "nothing";
  }

  #skipSpace(): void {
    const window = this.#window;
    while (window.length > 0 && isSpace(window.bytes[window.start] as number)) {
      if (window.bytes[window.start] === LINE_FEED) this.#line++;
      window.start++;
    }
  }

  /** What is between items is passed over ("on") or refused. */
  #readBetween(byte: number): "item" | "on" | "wait" | "broken" {
    const window = this.#window;
    this.number = this.#line;
    switch (this.#expecting) {
      case "start":
        if (byte === 0xef && window.length < 3 && !this.#hasEnded) return "wait";
        if (hasByteOrderMark(window.bytes, window.start, window.end)) {
          window.start += 3;
          this.hadByteOrderMark = true;
        } else if (byte === OPEN_LIST) {
          window.start++;
          this.#layout = "list";
          this.#expecting = "first";
        } else return "item";
        return "on";
      case "first":
        if (byte !== CLOSE_LIST) return "item";
        window.start++;
        this.#expecting = "nothing";
        return "on";
      case "separator":
        if (byte !== COMMA && byte !== CLOSE_LIST)
          return this.#broken("a comma or ] is expected behind a record");
        window.start++;
        this.#expecting = byte === COMMA ? "item" : "nothing";
        return "on";
      case "nothing":
        return this.#broken("something stands behind the end of the list");
      default:
        return "item";
    }
  }

  #broken(problem: string): "broken" {
    this.number = this.#line;
    this.problem = problem;
    return "broken";
  }

  /** How many bytes the item at the window's start has; undefined where its end has not come. */
  #findEnd(): number | undefined {
    const { bytes, start, end } = this.#window;
    for (let i = start + this.#searched; i < end; i++) {
      const byte = bytes[i] as number;
      // No text goes on over the end of a line: what does is no JSON, and ends there.
      if (byte === LINE_FEED && this.#isInText) return i - start;
      if (this.#isEscaped) this.#isEscaped = false;
      else if (this.#isInText) {
        if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) this.#isInText = false;
      } else if (byte === QUOTE) this.#isInText = true;
      else if (byte === OPEN || byte === OPEN_LIST) this.#depth++;
      else if (this.#depth === 0) {
        if (isSpace(byte) || byte === COMMA || byte === CLOSE_LIST) return Math.max(1, i - start);
      } else if (byte === CLOSE || byte === CLOSE_LIST) {
        this.#depth--;
        if (this.#depth === 0) return i + 1 - start;
      } else if (byte === LINE_FEED) this.#line++;
    }
    this.#searched = end - start;
    return this.#hasEnded ? this.#searched : undefined;
  }
}
