/** Rows whose places in a row-major buffer stay in the processor's first cache while columns are copied there. */
export const BLOCK_ROWS = 64;

/**
 * Copies rows of columns into a row-major buffer: `columns[k][from + i]` to `into[(to + i) * columns.length + k]`.
 */
export function copyRowMajor(
  columns: readonly Float32Array[],
  from: number,
  rows: number,
  into: Float32Array,
  to: number,
): void {
  const width = columns.length;
  for (let block = 0; block < rows; block += BLOCK_ROWS) {
    const end = Math.min(block + BLOCK_ROWS, rows);
    for (let k = 0; k < width; k++) {
      const values = columns[k] as Float32Array;
      let place = (to + block) * width + k;
      for (let row = from + block; row < from + end; row++) {
        into[place] = values[row] as number;
        place += width;
      }
    }
  }
}
