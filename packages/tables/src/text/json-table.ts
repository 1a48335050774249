import { open as openFile } from "node:fs/promises";
import { extname } from "node:path";
import type { TableFile } from "../table-files.ts";
import { jsonReading } from "./shard-notes.ts";
import { cutText, findTextFile, type TextTable, type TextTableOptions } from "./text-table.ts";

/** Of so many bytes at a file's beginning records are counted. */
const MOST_START = 65_536;

const LINE_FEED = 10;

/**
 * Looks at the beginning of a file of JSON lines that is to be scored into such a one, all fields kept.
 * @returns undefined where that takes `openTable`, which also says what is wrong with the file
 */
export async function openJsonTable(
  path: string,
  { from, out, processes }: TextTableOptions,
): Promise<TextTable | undefined> {
  const file = await findTextFile(path, from, "ndjson");
  if (file === undefined) return undefined;
  if (![".ndjson", ".jsonl"].includes(extname(out).toLowerCase())) return undefined;
  const rowBytes = await rowBytesOf(file);
  if (rowBytes === undefined) return undefined;
  return {
    file,
    names: undefined,
    reading: (notes) => jsonReading(file, notes),
    shards: cutText(file, 0, processes).map((own) => ({
      ...own,
      start: "",
      hasReturns: false,
      written: "json",
    })),
    rows: Math.round(file.bytes / rowBytes),
  };
}

/** How long its records are, by the first ones; undefined where the first is none that ends with its line. */
async function rowBytesOf({ path }: TableFile): Promise<number | undefined> {
  const handle = await openFile(path, "r");
  const buffer = Buffer.alloc(MOST_START);
  const { bytesRead } = await handle.read(buffer, 0, MOST_START, 0).finally(() => handle.close());
  const bytes = buffer.subarray(0, bytesRead);
  const feed = bytes.indexOf(LINE_FEED);
  if (!/^\{.*\}\s*$/s.test(bytes.toString("latin1", 0, feed < 0 ? bytes.length : feed))) return undefined;
  const lines = bytes.filter((byte) => byte === LINE_FEED).length;
  return bytes.length / Math.max(1, lines);
}
