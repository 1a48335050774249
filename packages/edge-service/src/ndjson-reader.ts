import { ByteWindow } from "./byte-window.ts";
import type { FlowBatch } from "./flow-batch.ts";
import { type RecordReader, type RecordReaderOptions, RecordWriter } from "./record-reader.ts";

const LINE_FEED = 10;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Lines of JSON, a record each. Blank lines are passed over; a line that is no record is rejected in its place. */
export class NdjsonReader implements RecordReader {
  readonly #writer: RecordWriter;
  readonly #window = new ByteWindow();
  /** How far the line has been looked through for its end. */
  #searched = 0;
  #line = 0;
  #hasEnded = false;

  constructor(options: RecordReaderOptions) {
    this.#writer = new RecordWriter(options);
  }

  feed(bytes: Uint8Array): void {
    const searched = this.#searched - this.#window.start;
    this.#window.append(bytes);
    this.#searched = this.#window.start + searched;
  }

  end(): void {
    this.#hasEnded = true;
  }

  fill(batch: FlowBatch): void {
    const window = this.#window;
    while (!batch.isFull && window.length > 0) {
      const found = window.bytes.indexOf(LINE_FEED, this.#searched);
      const isWhole = found >= 0 && found < window.end;
      if (!isWhole && !this.#hasEnded) {
        this.#searched = window.end;
        this.#writer.checkBytes(batch, window.length);
        return;
      }
      const end = isWhole ? found : window.end;
      this.#line++;
      this.#readLine(batch, window.start, end);
      window.start = isWhole ? end + 1 : end;
      this.#searched = window.start;
    }
  }

  #readLine(batch: FlowBatch, lineStart: number, lineEnd: number): void {
    const { bytes } = this.#window;
    this.#writer.checkBytes(batch, lineEnd - lineStart);
    let start = lineStart;
    let end = lineEnd;
    if (this.#line === 1 && BYTE_ORDER_MARK.every((byte, i) => bytes[start + i] === byte)) start += 3;
    while (start < end && isSpace(bytes[start] as number)) start++;
    while (end > start && isSpace(bytes[end - 1] as number)) end--;
    if (start === end) return;
    if (this.#writer.addPlain(batch, bytes, start, end, (after) => after === end) >= 0) return;
    this.#writer.addText(batch, bytes.subarray(start, end), this.#line);
  }
}

function isSpace(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}
