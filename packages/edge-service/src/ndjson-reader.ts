import { isSpace, LineFramer, skipSpace } from "@oddflow/flow-sources";
import type { FlowBatch } from "./flow-batch.ts";
import { type RecordReader, type RecordReaderOptions, RecordWriter } from "./record-reader.ts";

/** Lines of JSON, a record each. Blank lines are passed over; a line that is no record is rejected in its place. */
export class NdjsonReader implements RecordReader {
  readonly #writer: RecordWriter;
  readonly #framer: LineFramer;

  constructor(options: RecordReaderOptions) {
    this.#writer = new RecordWriter(options);
    this.#framer = new LineFramer(options.limits.recordBytes);
  }

  feed(bytes: Uint8Array): void {
    this.#framer.feed(bytes);
  }

  end(): void {
    this.#framer.close();
  }

  fill(batch: FlowBatch): void {
    while (!batch.isFull) {
      const next = this.#framer.next();
      if (next === "wait") return;
      if (next === "too long") throw this.#writer.tooLong(batch);
      this.#readLine(batch);
    }
  }

  #readLine(batch: FlowBatch): void {
    const { bytes, end: lineEnd, number } = this.#framer;
    const start = skipSpace(bytes, lineEnd, this.#framer.start);
    let end = lineEnd;
    while (end > start && isSpace(bytes[end - 1] as number)) end--;
    if (start === end) return;
    if (this.#writer.addPlain(batch, bytes, start, end, (after) => after === end) >= 0) return;
    this.#writer.addText(batch, bytes.subarray(start, end), number);
  }
}
