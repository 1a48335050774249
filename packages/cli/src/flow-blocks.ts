import type { ColumnCoding } from "@oddflow/preprocessing";
import type { FlowTable } from "@oddflow/tables";
import { InputQuality } from "./input-quality.ts";

/** Rows that are gathered for one call of a scorer. */
const ROWS_A_BLOCK = 4096;

/**
 * Reads a table's flows as a scorer takes them: row-major `[rows, columns]`, encoded, a few thousand rows at a time and in
 * the table's order. A block's buffer is used again for the next one.
 * @param quality counts what the blocks hold that a person should know of
 * @throws what the table's scan throws; the signal's reason when it is aborted.
 */
export async function* flowBlocks(
  table: FlowTable,
  columns: readonly ColumnCoding[],
  signal: AbortSignal,
  quality: InputQuality = new InputQuality(columns),
): AsyncGenerator<Float32Array, void, undefined> {
  const width = columns.length;
  const block = new Float32Array(ROWS_A_BLOCK * width);
  let filled = 0;
  for await (const batch of table.scan(columns, { signal })) {
    for (let from = 0; from < batch.rows; ) {
      const rows = Math.min(batch.rows - from, ROWS_A_BLOCK - filled);
      quality.copy(batch.columns, from, rows, block, filled);
      filled += rows;
      from += rows;
      if (filled === ROWS_A_BLOCK) {
        yield block;
        filled = 0;
      }
    }
  }
  if (filled > 0) yield block.subarray(0, filled * width);
}
