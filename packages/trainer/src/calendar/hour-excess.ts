import { HOURS_OF_WEEK } from "@oddflow/preprocessing";
import { DAYS_OF_WEEK, HOURS_OF_DAY, middleOf } from "./hour-statistics.ts";
import type { ScoresByHour } from "./weeks-of-scores.ts";

/** What is known before counts as so many flows above the level: of an hour of the day, of a day, and of an hour of the week. */
const PRIOR = { ofHour: 10, ofDay: 10, ofBoth: 20 } as const;

/** Flows above a level: how many, and what they are above it in all. */
interface Excess {
  flows: number;
  sum: number;
}

/**
 * What the highest scores are on average above a level, at each hour of the week.
 *
 * Means of few flows are shrunk as the conjugate prior of an exponential distribution does it: an hour of the day towards all flows, a
 * day towards what its hours say, an hour of the week towards both together. Of the groups' the one in their middle is taken.
 * @param levels one an hour of the week
 * @param usual the mean excess of all flows, above 0
 */
export function hourExcess(
  groups: readonly ScoresByHour[],
  levels: readonly number[],
  usual: number,
): readonly number[] {
  const found = groups.map((hours) =>
    hours.map((scores, hour): Excess => {
      const level = levels[hour] as number;
      const beyond = scores.subarray(scores.findLastIndex((score) => score <= level) + 1);
      return { flows: beyond.length, sum: beyond.reduce((sum, score) => sum + score - level, 0) };
    }),
  );
  const middle = (estimate: (excess: readonly Excess[]) => number): number =>
    Math.exp(middleOf(found.map((excess) => Math.log(estimate(excess)))));
  const ofHours = Array.from({ length: HOURS_OF_DAY }, (_, hour) =>
    middle((excess) => {
      const { flows, sum } = added(excess.filter((_, place) => place % HOURS_OF_DAY === hour));
      return (sum + PRIOR.ofHour * usual) / (flows + PRIOR.ofHour);
    }),
  );
  const ofDays = Array.from({ length: DAYS_OF_WEEK }, (_, day) =>
    middle((excess) => {
      const own = excess.slice(day * HOURS_OF_DAY, (day + 1) * HOURS_OF_DAY);
      const expected = own.reduce((sum, { flows }, hour) => sum + flows * (ofHours[hour] as number), 0);
      return (added(own).sum + PRIOR.ofDay * usual) / (expected + PRIOR.ofDay * usual);
    }),
  );
  return Array.from({ length: HOURS_OF_WEEK }, (_, place) => {
    const known =
      (ofHours[place % HOURS_OF_DAY] as number) * (ofDays[Math.floor(place / HOURS_OF_DAY)] as number);
    return middle((excess) => {
      const { flows, sum } = excess[place] as Excess;
      return (sum + PRIOR.ofBoth * known) / (flows + PRIOR.ofBoth);
    });
  });
}

function added(all: readonly Excess[]): Excess {
  return all.reduce((sum, one) => ({ flows: sum.flows + one.flows, sum: sum.sum + one.sum }), {
    flows: 0,
    sum: 0,
  });
}
