import { closeSync, openSync, readSync } from "node:fs";
import { LONGEST_LINE } from "@oddflow/flow-sources";
import { readFailure } from "../read-failure.ts";
import { systemError } from "../system-error.ts";
import { NotPlainText } from "./not-plain-text.ts";
import type { TextShard } from "./text-table.ts";

const LINE_FEED = 10;

/** What is read behind a shard's end, where its last line may go on. */
const BEHIND = 65_536;

/** What the last shard was in, for the next one: fresh memory costs the system more than the bytes that are read into it. */
let spare: Buffer<ArrayBuffer> | undefined;

/** Says that nobody reads a shard's bytes any more. */
export function giveBack(bytes: Uint8Array<ArrayBuffer>): void {
  spare = Buffer.from(bytes.buffer);
}

/**
 * The bytes of the lines that begin in a shard: those from `start` to `end`.
 * @throws NotPlainText where the last one is too long; OddflowError TABLE_UNREADABLE
 */
export function readShard({ path, from, until }: TextShard): {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly start: number;
  readonly end: number;
} {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    // One byte before tells whether a line begins at the first.
    const first = Math.max(0, from - 1);
    let bytes = readBytes(file, first, until + BEHIND - first);
    const start = from === 0 ? 0 : bytes.indexOf(LINE_FEED) + 1;
    if ((start === 0 && from > 0) || start >= until - first) return { bytes, start: 0, end: 0 };
    for (;;) {
      const last = bytes.indexOf(LINE_FEED, until - first - 1);
      if (last >= 0) return { bytes, start, end: last };
      if (bytes.length > until - first + LONGEST_LINE) throw new NotPlainText("a long line");
      const more = readBytes(file, first + bytes.length, bytes.length);
      if (more.length === 0) return { bytes, start, end: bytes.length };
      bytes = Buffer.concat([bytes, more]);
    }
  } catch (thrown) {
    if (systemError(thrown) === undefined) throw thrown;
    throw readFailure("read table", { path, format: "csv" }, "", thrown);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function readBytes(file: number, from: number, count: number): Buffer<ArrayBuffer> {
  const buffer = spare !== undefined && spare.length >= count ? spare : Buffer.allocUnsafeSlow(count);
  spare = undefined;
  let read = 0;
  for (;;) {
    const more = readSync(file, buffer, read, count - read, from + read);
    read += more;
    if (more === 0 || read === count) return buffer.subarray(0, read);
  }
}
