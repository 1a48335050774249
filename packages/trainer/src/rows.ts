/** Copies rows of row-major `[rows, width]` values, in the order in which they are named. */
export function gatherRows(values: Float32Array, width: number, rows: Uint32Array): Float32Array {
  const gathered = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    gathered.set(values.subarray(row * width, (row + 1) * width), i * width);
  });
  return gathered;
}

/** Row numbers one after the other. */
export function joinRows(...parts: Uint32Array[]): Uint32Array {
  const all = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let position = 0;
  for (const part of parts) {
    all.set(part, position);
    position += part.length;
  }
  return all;
}
