import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type HostActivity, HostBaseline } from "../src/index.ts";

const hosts = fc.constantFrom("a", "b", "c", "d");
const activity: fc.Arbitrary<HostActivity> = fc.record({
  host: hosts,
  inverseSum: fc.double({ min: 1, max: 1e9, noNaN: true }),
});

/** The median of distances from the median, by its definition. */
function spreadOf(activities: readonly HostActivity[]): number {
  const middle = (values: readonly number[]): number => {
    const sorted = values.toSorted((a, b) => a - b);
    const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
    return ((low ?? 0) + (high ?? 0)) / 2;
  };
  const scores = activities.map(({ inverseSum }) => Math.log(inverseSum));
  return middle(scores.map((score) => Math.abs(score - middle(scores))));
}

describe("a baseline of hosts", () => {
  test("scores what is rarer, or more, as odder", () => {
    fc.assert(
      fc.property(
        fc.array(activity, { minLength: 1 }),
        fc.boolean(),
        activity,
        activity,
        (usual, own, one, other) => {
          const baseline = new HostBaseline(usual, own);
          const scores = [one, { ...one, inverseSum: one.inverseSum + other.inverseSum }].map((each) =>
            baseline.score(each),
          );
          expect(scores[1]).toBeGreaterThanOrEqual(scores[0] as number);
        },
      ),
    );
  });

  test("lets a host's own past move its score by the spread of all at most, and not at all where it is asked to, or has none", () => {
    fc.assert(
      fc.property(fc.array(activity, { minLength: 1 }), activity, (usual, one) => {
        const plain = Math.log(one.inverseSum);
        expect(new HostBaseline(usual, false).score(one)).toBe(plain);
        const baseline = new HostBaseline(usual, true);
        expect(Math.abs(baseline.score(one) - plain)).toBeLessThanOrEqual(spreadOf(usual) + 1e-9);
        expect(baseline.score({ ...one, host: "never seen" })).toBe(plain);
      }),
    );
  });

  test("forgives a host that is always busy what it does not forgive others", () => {
    const usual = Array.from({ length: 60 }, (_, k) => ({
      host: k % 3 === 0 ? "busy" : `quiet ${k % 3}`,
      inverseSum: (k % 3 === 0 ? 50_000 : 40) * (1 + (k % 7) / 10),
    }));
    const baseline = new HostBaseline(usual, true);
    const score = (host: string): number => baseline.score({ host, inverseSum: 60_000 });
    expect(score("busy")).toBeLessThan(score("quiet 1"));
  });

  test("has a threshold that so many of the usual ones reach, and says how rare a score is", () => {
    const usual = Array.from({ length: 4000 }, (_, k) => ({
      host: `${k % 50}`,
      inverseSum: Math.exp(1 + (k % 1000) / 200),
    }));
    const baseline = new HostBaseline(usual, false);
    for (const budget of [0.2, 0.05, 0.01]) {
      const threshold = baseline.threshold(budget);
      const alarms = usual.filter((each) => baseline.score(each) >= threshold).length;
      expect(alarms / usual.length).toBeGreaterThan(0.7 * budget);
      expect(alarms / usual.length).toBeLessThan(1.4 * budget);
      expect(baseline.rarity(threshold)).toBeCloseTo(budget, 2);
    }
  });
});
