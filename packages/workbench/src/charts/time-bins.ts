/** Equal stretches of time, side by side. */
export interface TimeBins {
  /** Where the first begins, in seconds since 1970: a multiple of the width. */
  readonly start: number;
  /** In seconds. */
  readonly width: number;
  readonly count: number;
}

/** As many as a drawing has room for. */
export const MOST_BINS = 90;

const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];

/** Widths that people count in, in seconds. */
const WIDTHS: readonly number[] = [
  ...[0.001, 0.01, 0.1, 1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 28, 91, 364].map((days) => days * DAY),
];

/** The finest bins of which at most `most`, 2 or more, cover the times; undefined where there is no finite time. */
export function timeBins(seconds: Float64Array, most: number): TimeBins | undefined {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const second of seconds) {
    if (second < first) first = second;
    if (second > last) last = second;
  }
  if (first > last) return undefined;
  const whole = (width: number): TimeBins => {
    const start = Math.floor(first / width) * width;
    return { start, width, count: Math.floor((last - start) / width) + 1 };
  };
  const year = 364 * DAY;
  const fitting = WIDTHS.map(whole).find(({ count }) => count <= most);
  return fitting ?? whole(Math.ceil((last - first) / (most - 1) / year) * year);
}

/** How many of the rows' times lie in each bin. */
export function countTimes(
  { start, width, count }: TimeBins,
  seconds: Float64Array,
  rows: Uint32Array,
): Uint32Array {
  const counts = new Uint32Array(count);
  for (const row of rows) {
    const bin = Math.min(count - 1, Math.floor(((seconds[row] as number) - start) / width));
    if (bin >= 0) counts[bin] = (counts[bin] as number) + 1;
  }
  return counts;
}

/** A bin's width in words: "10 minutes". */
export function widthText(width: number): string {
  const units: readonly (readonly [number, string])[] = [
    [DAY, "day"],
    [HOUR, "hour"],
    [MINUTE, "minute"],
    [1, "second"],
  ];
  const [unit, name] = units.find(([size]) => width >= size) ?? [0.001, "millisecond"];
  const number = Math.round(width / unit);
  return number === 1 ? `1 ${name}` : `${number} ${name}s`;
}

/** A time in UTC as people write it, to the second; a dash where no date is so far away, or it is not known. */
export function timeText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? "–" : date.toISOString().slice(0, 19).replace("T", " ");
}
