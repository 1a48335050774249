import { HOURS_OF_WEEK } from "@oddflow/preprocessing";
import { DAYS_OF_WEEK, HOURS_OF_DAY, middleOf, quantileAbove } from "./hour-statistics.ts";
import type { ScoresByHour } from "./weeks-of-scores.ts";

/** What is known of a level before an hour's own flows counts as so many flows above it. */
const PRIOR_FLOWS = 1.5;

/** Of an hour of the day, what all flows say counts as so many. */
const PRIOR_FLOWS_OF_DAY = 3;

/** An hour whose flows need not have one above a level says nothing of it to other days. */
const FEWEST_EXPECTED = 0.5;

/** A level is above the one before by a thousandth at least. */
const LEAST_STEP = 1e-3;

/** Levels are not below this share of that of all flows: scores may be 0. */
const LEAST_LEVEL = 1e-6;

/**
 * The logarithms of the levels that shares of an hour's flows score above, `[shares][hours of the week]`, rising from share to share.
 *
 * An hour's own level is shrunk towards the median of its hour of the day on all days, and that towards the level of all flows; the more so,
 * the fewer flows are above it. Of a rarer share it is the step from the level before that is shrunk.
 * @param shares falling
 * @param levels of all flows, one a share
 */
export function hourLevels(
  hours: ScoresByHour,
  shares: readonly number[],
  levels: readonly number[],
): readonly (readonly number[])[] {
  const raw = shares.map((share, k) => {
    const least = LEAST_LEVEL * (levels[k] as number);
    return hours.map((own) =>
      own.length === 0 ? Number.NaN : Math.log(Math.max(least, quantileAbove(own, share))),
    );
  });
  const found: number[][] = [];
  for (const [k, share] of shares.entries()) {
    const [own, former] = [raw[k] as number[], raw[k - 1]];
    const below = found[k - 1];
    const base = Math.log(levels[k] as number) - (k === 0 ? 0 : Math.log(levels[k - 1] as number));
    const steps = own.map((level, hour) => level - (former?.[hour] ?? 0));
    const expected = hours.map(({ length }) => share * length);
    const usual = usualSteps(steps, expected, base);
    found.push(
      own.map((level, hour) => {
        const prior = (below?.[hour] ?? 0) + (usual[hour % HOURS_OF_DAY] as number);
        const flows = expected[hour] as number;
        const weight = flows / (flows + PRIOR_FLOWS);
        const shrunk = flows === 0 ? prior : weight * level + (1 - weight) * prior;
        return below === undefined ? shrunk : Math.max(shrunk, (below[hour] as number) + LEAST_STEP);
      }),
    );
  }
  return found;
}

/** Of each hour of the day. */
function usualSteps(steps: readonly number[], expected: readonly number[], base: number): number[] {
  return Array.from({ length: HOURS_OF_DAY }, (_, hour) => {
    const places = Array.from({ length: DAYS_OF_WEEK }, (_, day) => day * HOURS_OF_DAY + hour);
    const telling = places.filter((place) => (expected[place] as number) >= FEWEST_EXPECTED);
    if (telling.length === 0) return base;
    const flows = places.reduce((sum, place) => sum + (expected[place] as number), 0);
    const weight = flows / (flows + PRIOR_FLOWS_OF_DAY);
    return weight * middleOf(telling.map((place) => steps[place] as number)) + (1 - weight) * base;
  });
}

/** Several groups' levels, in each hour the one in their middle. */
export function middleLevels(
  groups: readonly (readonly (readonly number[])[])[],
): readonly (readonly number[])[] {
  const found: number[][] = [];
  for (let share = 0; share < (groups[0]?.length ?? 0); share++) {
    const below = found[share - 1];
    found.push(
      Array.from({ length: HOURS_OF_WEEK }, (_, hour) => {
        const middle = middleOf(groups.map((levels) => levels[share]?.[hour] as number));
        return below === undefined ? middle : Math.max(middle, (below[hour] as number) + LEAST_STEP);
      }),
    );
  }
  return found;
}
