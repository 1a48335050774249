import { closeSync, openSync, readSync } from "node:fs";
import type { TextShard } from "./text-table.ts";

const LINE_FEED = 10;

/** What is read behind a shard's end, where its last line may go on. */
const BEHIND = 65_536;

/** The bytes of the lines that begin in a shard: those from `start` to `end`. @throws what the system says */
export function readShard({ path, from, until }: TextShard): {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
} {
  const file = openSync(path, "r");
  try {
    // One byte before tells whether a line begins at the first.
    const first = Math.max(0, from - 1);
    let bytes = readBytes(file, first, until + BEHIND - first);
    const start = from === 0 ? 0 : bytes.indexOf(LINE_FEED) + 1;
    if ((start === 0 && from > 0) || start >= until - first) return { bytes, start: 0, end: 0 };
    for (;;) {
      const last = bytes.indexOf(LINE_FEED, until - first - 1);
      if (last >= 0) return { bytes, start, end: last };
      const more = readBytes(file, first + bytes.length, bytes.length);
      if (more.length === 0) return { bytes, start, end: bytes.length };
      bytes = Buffer.concat([bytes, more]);
    }
  } finally {
    closeSync(file);
  }
}

function readBytes(file: number, from: number, count: number): Buffer {
  const buffer = Buffer.allocUnsafeSlow(count);
  let read = 0;
  for (;;) {
    const more = readSync(file, buffer, read, count - read, from + read);
    read += more;
    if (more === 0 || read === count) return buffer.subarray(0, read);
  }
}
