import { type ScoreCalendar, scoreAtHour } from "@oddflow/detector";
import { HOURS_OF_WEEK, hourOfWeek } from "@oddflow/preprocessing";
import { describe, expect, test } from "vitest";
import { fitCalendar } from "../src/calendar/fit-calendar.ts";
import { randomStream } from "../src/random.ts";

const WEEK = HOURS_OF_WEEK * 3600;
/** Monday, 5 January 2026, 00:00 UTC. */
const MONDAY = 1_767_571_200;

interface Flows {
  readonly scores: Float32Array;
  readonly hours: Float32Array;
  readonly times: Float64Array;
}

/** Flows of some weeks, an even number an hour, whose scores are those of an exponential distribution at a scale of the hour's. */
function weeksOf(weeks: number, anHour: number, seed: number, scaleOf: (hour: number) => number): Flows {
  const random = randomStream(seed, "test");
  const count = weeks * HOURS_OF_WEEK * anHour;
  const times = Float64Array.from({ length: count }, (_, row) => MONDAY + (row * weeks * WEEK) / count);
  const hours = Float32Array.from(times, hourOfWeek);
  const scores = Float32Array.from(hours, (hour) => scaleOf(hour) * (1 - Math.log(1 - random.uniform())));
  return { scores, hours, times };
}

function atHours(calendar: ScoreCalendar | undefined, { scores, hours }: Flows): Float32Array {
  return scores.map((score, row) => (calendar ? scoreAtHour(calendar, score, hours[row] as number) : score));
}

/** At each hour of the day the share of the flows that score as high as `share` of all of others did. */
function sharesByHour(of: Flows, scores: Float32Array, threshold: number): number[] {
  return Array.from({ length: 24 }, (_, hour) => {
    const own = scores.filter((_, row) => (of.hours[row] as number) % 24 === hour);
    return own.filter((score) => score >= threshold).length / own.length;
  });
}

function thresholdOf(scores: Float32Array, share: number): number {
  return scores.slice().sort()[Math.floor((1 - share) * scores.length)] as number;
}

/** Odd at night, on Sunday mornings above all. */
const nightly = (hour: number): number => (hour >= 144 && hour < 156 ? 5 : hour % 24 < 4 ? 3 : 1);

describe("hours at which usual flows score higher", () => {
  const fitted = weeksOf(3, 60, 1, nightly);
  const later = weeksOf(2, 300, 2, nightly);
  const calendar = fitCalendar(fitted);

  test.each([0.01, 0.001])("raise as many alarms as others at a budget of %f", (budget) => {
    const threshold = thresholdOf(atHours(calendar, fitted), budget);
    const shares = sharesByHour(later, atHours(calendar, later), threshold);
    const without = sharesByHour(later, later.scores, thresholdOf(fitted.scores, budget));
    expect(Math.max(...without)).toBeGreaterThan(2.5 * budget);
    expect(Math.min(...without)).toBeLessThan(0.1 * budget);
    const all = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    expect(all).toBeGreaterThan(0.7 * budget);
    expect(all).toBeLessThan(1.5 * budget);
    expect(Math.max(...shares)).toBeLessThan(4 * budget);
    // At 0.1 % an hour has four alarms to expect here.
    if (budget === 0.01) expect(Math.min(...shares)).toBeGreaterThan(0.3 * budget);
  });

  test("are told for each hour of the week, the first on Monday at midnight, UTC", () => {
    const { high = [] } = calendar ?? {};
    expect(high).toHaveLength(HOURS_OF_WEEK);
    const mean = (from: number, to: number): number =>
      high.slice(from, to).reduce((sum, level) => sum + level, 0) / (to - from);
    expect(mean(0, 4) / mean(8, 20)).toBeGreaterThan(2);
    expect(mean(144, 156) / mean(8, 20)).toBeGreaterThan(3);
  });
});

test("what came at an hour of one week alone stays as odd as it was", () => {
  const usual = weeksOf(2, 40, 3, () => 1);
  const isAttack = (row: number): boolean => {
    const hour = ((usual.times[row] as number) - MONDAY) / 3600;
    return hour >= 51 && hour < 53;
  };
  const attacked = {
    ...usual,
    scores: usual.scores.map((score, row) => (isAttack(row) ? 20 + score : score)),
  };
  const calendar = fitCalendar(attacked);
  const scores = atHours(calendar, attacked);
  const threshold = thresholdOf(
    scores.filter((_, row) => !isAttack(row)),
    0.001,
  );
  const found = scores.filter((score, row) => isAttack(row) && score >= threshold);
  expect(found).toHaveLength(80);
});

test("where hours are alike, and where few flows say anything, scores stay about what they were", () => {
  const alike = weeksOf(3, 60, 4, () => 1);
  const few = weeksOf(2, 1, 5, () => 1);
  for (const flows of [alike, few]) {
    const calendar = fitCalendar(flows);
    const changes = atHours(calendar, flows).map((score, row) => score / (flows.scores[row] as number));
    expect(changes.filter((change) => change > 0.7 && change < 1.4).length / changes.length).toBeGreaterThan(
      0.9,
    );
  }
});

test("flows without an hour do not count, and scores without a tail have no calendar", () => {
  const flows = weeksOf(2, 20, 6, nightly);
  const strays = {
    scores: Float32Array.of(9e5),
    hours: Float32Array.of(Number.NaN),
    times: Float64Array.of(0),
  };
  const joined = {
    scores: Float32Array.of(...strays.scores, ...flows.scores),
    hours: Float32Array.of(...strays.hours, ...flows.hours),
    times: Float64Array.of(...strays.times, ...flows.times),
  };
  expect(fitCalendar(joined)).toEqual(fitCalendar(flows));
  expect(fitCalendar(strays)).toBeUndefined();
  expect(fitCalendar({ ...flows, scores: flows.scores.map(() => 1) })).toBeUndefined();
});
