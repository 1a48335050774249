/** An axis for values whose spread is not known before. */
export interface ValueAxis {
  readonly type: "linear" | "log";
  readonly domain: readonly [number, number];
}

/** More than this from the lowest hundredth to the highest value, and the axis is logarithmic. */
const LINEAR_RATIO = 30;

/**
 * The axis that shows values best: logarithmic when nearly all are above 0 and they span more than a factor of 30. A
 * logarithmic axis starts at the lowest thousandth, so that a few tiny values do not take half of it; values below its
 * start belong to its edge. `values` may be in any order; what is not finite does not count.
 */
export function valueAxis(values: Float32Array | Float64Array): ValueAxis {
  const sorted = values.filter((value) => Number.isFinite(value)).sort();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const low = at(0);
  const high = at(1);
  if (at(0.01) > 0 && high / at(0.01) > LINEAR_RATIO) {
    const start = Math.max(at(0.001), at(0.01) / 100);
    return { type: "log", domain: [start, high] };
  }
  return { type: "linear", domain: low < high ? [low, high] : [low - 0.5, high + 0.5] };
}

/** `count + 1` edges of bins that are equally wide on the axis. */
export function binEdges({ type, domain: [low, high] }: ValueAxis, count: number): Float64Array {
  const edge = (i: number): number =>
    type === "log" ? low * (high / low) ** (i / count) : low + ((high - low) * i) / count;
  return Float64Array.from({ length: count + 1 }, (_, i) => (i === count ? high : edge(i)));
}

/**
 * The share of the values in each bin. What lies outside belongs to the first or the last bin; what is not finite, and what
 * `counts` says no to, does not count. All 0 when nothing counts.
 */
export function binShares(
  values: Float32Array,
  { type, domain: [low, high] }: ValueAxis,
  bins: number,
  counts: (row: number) => boolean,
): Float64Array {
  const shares = new Float64Array(bins);
  const scale =
    type === "log" ? (value: number) => Math.log(Math.max(value, low) / low) : (value: number) => value - low;
  const width = scale(high) / bins;
  let flows = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? Number.NaN;
    if (!Number.isFinite(value) || !counts(row)) continue;
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(scale(value) / width)));
    shares[bin] = (shares[bin] ?? 0) + 1;
    flows++;
  }
  return flows === 0 ? shares : shares.map((count) => count / flows);
}
