/** One number a row, higher is odder. */
export type Oddness = Float32Array;

/** Marks with 1 the rows that lie above the quantile `1 - share` of all; ties at it stay 0. */
export function isAboveQuantile(oddness: Oddness, share: number): Uint8Array {
  const sorted = oddness.slice().sort();
  const position = (sorted.length - 1) * (1 - share);
  const low = sorted[Math.floor(position)] ?? 0;
  const high = sorted[Math.ceil(position)] ?? low;
  const limit = low + (high - low) * (position - Math.floor(position));
  return Uint8Array.from(oddness, (one) => (one > limit ? 1 : 0));
}

/** Marks with 1 the share of the rows whose ranks among all sum up to most. */
export function isOddInAll(views: readonly Oddness[], share: number): Uint8Array {
  const sums = new Float32Array(views[0]?.length ?? 0);
  for (const view of views) {
    ranks(view).forEach((rank, row) => {
      sums[row] = (sums[row] as number) + rank;
    });
  }
  return isAboveQuantile(sums, share);
}

/** Marks with 1 the rows that more than half of the views count among their oddest `share`. */
export function isOddInMost(views: readonly Oddness[], share: number): Uint8Array {
  const marks = views.map((view) => isAboveQuantile(view, share));
  const rows = Uint8Array.from(marks[0] ?? [], () => 0);
  return rows.map((_, row) => (marks.filter((mark) => mark[row] === 1).length * 2 > views.length ? 1 : 0));
}

/** From 0; equal values share the mean of their ranks. */
function ranks(values: Oddness): Float32Array {
  const order = Uint32Array.from(values, (_, row) => row).sort(
    (a, b) => (values[a] as number) - (values[b] as number),
  );
  const result = new Float32Array(values.length);
  let first = 0;
  while (first < order.length) {
    let end = first + 1;
    while (end < order.length && values[order[end] as number] === values[order[first] as number]) end++;
    for (let i = first; i < end; i++) result[order[i] as number] = (first + end - 1) / 2;
    first = end;
  }
  return result;
}
