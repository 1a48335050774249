import { timeSpan } from "@oddflow/preprocessing";

const DAY = 86_400;

/** Two weeks, of which a quiet night may take a little at either end: what was there at an hour of one week alone need not come again. */
const FEWEST_DAYS = 13.5;

/** A network that rests at weekends has five days a week; one that was recorded for a day, and once more a month later, has no week. */
const DAYS_OF_WEEK = 5;
const FEWEST_WEEKS = 2;

/** Whether a table shows what its flows are like at the hours of a week. @param times seconds since 1970, NaN where it is missing */
export function spansWeeks(times: Float64Array): boolean {
  const span = timeSpan(times);
  if (span === undefined || span.last - span.first < FEWEST_DAYS * DAY) return false;
  const days = new Set<number>();
  for (const time of times)
    if (time >= span.first && time <= span.last) days.add(Math.floor((time - span.first) / DAY));
  const ofWeeks = new Map<number, number>();
  for (const day of days) ofWeeks.set(Math.floor(day / 7), (ofWeeks.get(Math.floor(day / 7)) ?? 0) + 1);
  return [...ofWeeks.values()].filter((count) => count >= DAYS_OF_WEEK).length >= FEWEST_WEEKS;
}
