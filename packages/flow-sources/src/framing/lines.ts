import { ByteWindow } from "./byte-window.ts";
import type { FramingStep, RecordFramer } from "./record-framer.ts";

/** Bytes of the longest line that is read, in every door: a flow record is some hundred bytes, so it is no record. */
export const LONGEST_LINE: number = 16 * 1024 * 1024;

const [LINE_FEED, RETURN] = [10, 13];
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Cuts bytes into lines. A line ends in \n or \r\n; a byte order mark before the first is passed over. */
export class LineFramer implements RecordFramer {
  readonly #longest: number;
  readonly #window = new ByteWindow();
  /** How far into the window the line's end has been looked for. */
  #searched = 0;
  #hasEnded = false;
  #number = 0;
  start = 0;
  end = 0;
  /** Whether the record has no line's end behind it, which only the last may lack. */
  isLast = false;
  readonly problem = "";
  hadByteOrderMark = false;

  /** @param longest bytes that a line may have, its end left out */
  constructor(longest: number = LONGEST_LINE) {
    this.#longest = longest;
  }

  get bytes(): Uint8Array {
    return this.#window.bytes;
  }

  get hasRest(): boolean {
    return this.#window.length > 0;
  }

  get number(): number {
    return this.#number;
  }

  /** Counts lines that somebody else reads; between two pieces, where `hasRest` is false. */
  passOver(lines: number): void {
    this.#number += lines;
  }

  feed(piece: Uint8Array): void {
    this.#window.append(piece);
  }

  /** Where the next line begins in `bytes`, and where the bytes end that have come; undefined where its end has been looked for. */
  get ahead(): { readonly start: number; readonly end: number } | undefined {
    const { start, end } = this.#window;
    return start < end && this.#searched === 0 ? { start, end } : undefined;
  }

  /**
   * Goes to the next record where that goes from the line's beginning to `after`, which saves looking for the line's end.
   * @returns whether the line ends there; where not, `next` goes to it
   */
  takeTo(after: number): boolean {
    const window = this.#window;
    const { bytes, start } = window;
    const feed = bytes[after] === RETURN ? after + 1 : after;
    if (feed >= window.end || bytes[feed] !== LINE_FEED || after - start > this.#longest) return false;
    this.#number++;
    this.start = start;
    this.end = after;
    this.isLast = false;
    window.start = feed + 1;
    return true;
  }

  close(): void {
    this.#hasEnded = true;
  }

  next(): FramingStep {
    const window = this.#window;
    if (window.length === 0) return "wait";
    const found = window.bytes.indexOf(LINE_FEED, window.start + this.#searched);
    const isWhole = found >= 0 && found < window.end;
    const end = isWhole ? found : window.end;
    if (end - window.start > this.#longest + 1) {
      this.#number++;
      return "too long";
    }
    if (!isWhole && !this.#hasEnded) {
      this.#searched = window.length;
      return "wait";
    }
    this.#number++;
    this.start = window.start;
    this.end = end;
    this.isLast = !isWhole;
    if (this.#number === 1 && hasByteOrderMark(window.bytes, this.start, end)) {
      this.start += BYTE_ORDER_MARK.length;
      this.hadByteOrderMark = true;
    }
    if (this.end > this.start && window.bytes[this.end - 1] === RETURN) this.end--;
    window.start = isWhole ? end + 1 : end;
    this.#searched = 0;
    return "record";
  }
}

/** Whether the UTF-8 text from `start` to `end` begins with a byte order mark. */
export function hasByteOrderMark(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start >= BYTE_ORDER_MARK.length && BYTE_ORDER_MARK.every((byte, i) => bytes[start + i] === byte)
  );
}
