import { HOURS_OF_WEEK } from "@oddflow/preprocessing";

export const HOURS_OF_DAY = 24;
export const DAYS_OF_WEEK: number = HOURS_OF_WEEK / HOURS_OF_DAY;

/** The value that about this share of others is above. @param sorted rising, at least one */
export function quantileAbove(sorted: Float32Array, share: number): number {
  return sorted[Math.floor((1 - share) * (sorted.length - 1))] as number;
}

/** Of two values in the middle the higher one counts as no more than this above the lower: as logarithms, a fifth. */
const WIDEST = 0.2;

/** The median of logarithms, of which one that is far above the others does not count. @param values at least one */
export function middleOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const lower = sorted[(sorted.length - 1) >> 1] as number;
  const upper = sorted[sorted.length >> 1] as number;
  return lower + Math.min(upper - lower, WIDEST) / 2;
}
