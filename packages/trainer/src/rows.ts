/** Copies rows of row-major `[rows, width]` values, in the order in which they are named. */
export function gatherRows(values: Float32Array, width: number, rows: Uint32Array): Float32Array {
  const gathered = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    gathered.set(values.subarray(row * width, (row + 1) * width), i * width);
  });
  return gathered;
}
