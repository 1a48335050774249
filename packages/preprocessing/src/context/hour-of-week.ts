import { microseconds } from "./context-flow.ts";

/** How many hours a week has. */
export const HOURS_OF_WEEK = 168;

const MICROSECONDS = 3_600_000_000;

/** 1970 began on a Thursday. */
const FIRST_HOUR = 3 * 24;

/** 0 from Monday 00:00 to 01:00, up to 167, in UTC. @param seconds since 1970, not before */
export function hourOfWeek(seconds: number): number {
  return (Math.floor(microseconds(seconds) / MICROSECONDS) + FIRST_HOUR) % HOURS_OF_WEEK;
}
