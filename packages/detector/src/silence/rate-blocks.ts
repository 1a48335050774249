import type { Stretch } from "./host-hours.ts";
import type { WatchedHours } from "./watched-hours.ts";

const HOUR = 3600;

/** A rate is looked at for the last so many hours of the recent flows, at most: a day, and an eighth of the baseline. */
const LONGEST_BLOCK = 24;
const BASELINE_BLOCKS = 8;

/** Stretches of whole hours that follow each other, the last one first. */
export interface RateBlocks {
  /** Hours. */
  readonly length: number;
  /** Hours since 1970 at which they end, one at least. */
  readonly ends: readonly number[];
}

/** The stretch at the end of the recent flows that rates are looked at for, and those of the baseline that are as long. */
export interface LookedAt {
  /** Where it ends, in hours since 1970. */
  readonly recentEnd: number;
  readonly usual: RateBlocks;
}

/**
 * Cuts periods into stretches, from their ends back.
 * @returns undefined where the recent flows are of less than half an hour, or rates go by no hour, as the baseline is too short
 */
export function rateBlocks({ baseline, recent, ratesBy }: WatchedHours): LookedAt | undefined {
  // A rate that goes by the hour would fall each night.
  if (ratesBy === "all hours alike") return undefined;
  const length = Math.min(LONGEST_BLOCK, hoursOf(recent), Math.floor(hoursOf(baseline) / BASELINE_BLOCKS));
  if (length < 1) return undefined;
  const last = Math.round(baseline.to / HOUR);
  const count = Math.floor(hoursOf(baseline) / length);
  return {
    recentEnd: Math.round(recent.to / HOUR),
    usual: { length, ends: Array.from({ length: count }, (_, k) => last - k * length) },
  };
}

function hoursOf({ from, to }: Stretch): number {
  return Math.round(to / HOUR) - Math.round(from / HOUR);
}
