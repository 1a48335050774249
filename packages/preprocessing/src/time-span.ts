/** From when to when a table's flows are, in seconds since 1970. */
export interface TimeSpan {
  readonly first: number;
  readonly last: number;
  /** Flows whose time was not believed, so that it is outside of the span. */
  readonly strays: number;
}

const DAY = 86_400;

/** 1980 to 2100: where the middle time is in here, one outside was never a clock's. Exporters write 0 for "not known". */
const BELIEVABLE = { from: 315_532_800, to: 4_102_444_800 } as const;

/** At most this share of the flows can be strays at either end, or one flow of `FEWEST` or more. */
const MOST_STRAYS = 0.01;
const FEWEST = 10;

/** Strays lie beyond a gap of more than a day and of more than this many times all that lies on its other side. */
const WIDE_GAP = 2;

/**
 * The span of a table's times without those that cannot be: a single 0 among the times of a day would make fifty years of
 * it, and a rate of flows of almost none.
 * @param times seconds since 1970, one a flow, NaN where it is missing
 * @returns undefined where no flow has a time
 */
export function timeSpan(times: Float64Array): TimeSpan | undefined {
  const all = times.filter(Number.isFinite).sort();
  const isBelievable = (time: number): boolean => time >= BELIEVABLE.from && time <= BELIEVABLE.to;
  const sorted = isBelievable(all[all.length >> 1] ?? 0) ? all.filter(isBelievable) : all;
  const count = sorted.length;
  if (count === 0) return undefined;
  const strays = count < FEWEST ? 0 : Math.max(1, Math.floor(MOST_STRAYS * count));
  let first = strays;
  let last = count - 1 - strays;
  const at = (place: number): number => sorted[place] as number;
  const [low, high] = [at(first), at(last)];
  const isNear = (gap: number, rest: number): boolean => gap <= Math.max(DAY, WIDE_GAP * rest);
  while (first > 0 && isNear(at(first) - at(first - 1), high - at(first))) first--;
  while (last < count - 1 && isNear(at(last + 1) - at(last), at(last) - low)) last++;
  return { first: at(first), last: at(last), strays: all.length - (last - first + 1) };
}
