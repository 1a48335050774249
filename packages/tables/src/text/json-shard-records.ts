import { isUtf8 } from "node:buffer";
import {
  isSpace,
  LONGEST_LINE,
  noFlowWords,
  readJsonRecord,
  skipSpace,
  withoutSampling,
} from "@oddflow/flow-sources";
import type { FlowRecord } from "@oddflow/preprocessing";
import { NotPlainText } from "./not-plain-text.ts";
import { giveBack, readShard } from "./shard-bytes.ts";
import type { TextShard } from "./text-table.ts";

const LINE_FEED = 10;

/** What DuckDB and JSON.parse may read in different ways: numbers that JSON has not, and halves of surrogate pairs. */
const ODD = /NaN|Infinity|\\u[dD]/;

/** Goes through the records of a shard of JSON lines. */
export class JsonShardRecords {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where the record begins and ends in the bytes, without space around it. */
  from = 0;
  end = 0;
  /** What was no flow, in words, and how often. */
  readonly leftOut: Map<string, number> = new Map<string, number>();
  #next: number;
  readonly #last: number;

  /** @throws NotPlainText; OddflowError TABLE_UNREADABLE where the file cannot be read */
  constructor(shard: TextShard) {
    const { bytes, start, end } = readShard(shard);
    const own = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
    if (!isUtf8(own)) throw new NotPlainText("letters that are none");
    this.bytes = bytes;
    this.#next = start;
    this.#last = end;
  }

  /** Says that nobody needs the bytes any more. */
  close(): void {
    giveBack(this.bytes);
  }

  /** Goes to the next line that is not blank; false where there is none. @throws NotPlainText */
  next(): boolean {
    const { bytes } = this;
    while (this.#next < this.#last) {
      const feed = bytes.indexOf(LINE_FEED, this.#next);
      const lineEnd = feed < 0 ? this.#last : feed;
      if (lineEnd - this.#next > LONGEST_LINE) throw new NotPlainText("a long line");
      this.from = skipSpace(bytes, lineEnd, this.#next);
      this.#next = lineEnd + 1;
      let end = lineEnd;
      while (end > this.from && isSpace(bytes[end - 1] as number)) end--;
      this.end = end;
      if (end > this.from) return true;
    }
    return false;
  }

  /** The record as an object; undefined for what is no flow. @throws NotPlainText for what is no record */
  read(): FlowRecord | undefined {
    const own = this.bytes.subarray(this.from, this.end);
    const reading = readJsonRecord(own);
    if ("problem" in reading) throw new NotPlainText(reading.problem.found);
    const { record } = reading;
    const noFlow = noFlowWords(record);
    if (noFlow !== undefined) {
      this.leftOut.set(noFlow, (this.leftOut.get(noFlow) ?? 0) + 1);
      return undefined;
    }
    if (withoutSampling(record) !== record) throw new NotPlainText("counts of a sample");
    if (ODD.test(Buffer.from(own).toString("latin1"))) throw new NotPlainText("an odd number or letter");
    return record;
  }
}
