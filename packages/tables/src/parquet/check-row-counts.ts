import { readSync } from "node:fs";
import { type ChunkClaim, checkParquetPages, type RowGroupClaim } from "@oddflow/flow-sources";

/** A chunk of fewer bytes is looked at whatever it says: most row groups have one. */
const SMALL_CHUNK = 65_536;

/** A larger chunk is looked at where it has less than a bit for each row. */
const ROWS_PER_BYTE = 8;

/** What is larger is left to whoever reads it: the rows that it claims are few for its bytes. */
const LARGEST_CHUNK = 2 ** 26;

/**
 * Counts the rows of a row group by the pages of its smallest column. All numbers of a footer may say the same and be wrong, and
 * what a column of billions of rows takes in memory is taken before the first of them is read.
 * @param behind bytes behind a chunk that may belong to it
 * @throws Error where the pages hold fewer or more values than the footer says
 */
export function checkRowCount(
  file: number,
  { rows, chunks }: RowGroupClaim,
  number: number,
  behind: number,
): void {
  const smallest = smallestChunk(chunks);
  if (rows === 0n || smallest === undefined) return;
  const { start, end, values, path } = smallest;
  const size = end - start;
  if (size > SMALL_CHUNK && (size > LARGEST_CHUNK || rows <= ROWS_PER_BYTE * size)) return;
  const bytes = Buffer.alloc(size + behind);
  const read = readSync(file, bytes, 0, bytes.length, start);
  checkParquetPages(bytes.subarray(0, read), values, `column ${path.join(".")} of row group ${number}`);
}

function smallestChunk(chunks: readonly ChunkClaim[]): ChunkClaim["content"] {
  let smallest: ChunkClaim["content"];
  for (const { content } of chunks) {
    if (content === undefined) continue;
    if (smallest === undefined || content.end - content.start < smallest.end - smallest.start)
      smallest = content;
  }
  return smallest;
}
