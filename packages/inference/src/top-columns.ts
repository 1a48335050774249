/**
 * Finds the columns with the largest errors of each flow.
 *
 * `errors` is row-major `[rows, columns]`. Writes column numbers, the largest error first, into row-major
 * `[rows, top]`; -1 where a flow has fewer columns than `top`.
 */
export function topColumns(errors: Float32Array, columns: number, top: number, into: Int16Array): void {
  const rows = errors.length / columns;
  for (let row = 0; row < rows; row++) {
    const first = row * columns;
    const place = row * top;
    into.fill(-1, place, place + top);
    for (let column = 0; column < columns; column++) {
      // Insertion from the end: `top` is a handful.
      let at = place + top - 1;
      if (at < place || beats(errors, first, column, into[at] as number) === false) continue;
      while (at > place && beats(errors, first, column, into[at - 1] as number)) {
        into[at] = into[at - 1] as number;
        at--;
      }
      into[at] = column;
    }
  }
}

function beats(errors: Float32Array, first: number, column: number, than: number): boolean {
  return than < 0 || (errors[first + column] as number) > (errors[first + than] as number);
}
