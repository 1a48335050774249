import {
  recalibrateScores,
  type ScoreDistribution,
  summariseScores,
  thresholdForBudget,
} from "@oddflow/detector";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

/** A small generator of its own, so that draws are the same on every machine. */
function drawer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

const usualKinds: [string, (random: () => number) => number][] = [
  ["exponential", (random) => -Math.log(random())],
  ["heavy", (random) => random() ** -0.3 - 1],
  ["lognormal", (random) => Math.exp(normal(random))],
  ["of two kinds", (random) => (random() < 0.15 ? 2 + random() : -Math.log(random()))],
];

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

const draw = (count: number, score: () => number): number[] => Array.from({ length: count }, score);
const shareAbove = (scores: readonly number[], threshold: number): number =>
  scores.filter((score) => score >= threshold).length / scores.length;

/** False alarms at 1 % on other usual flows, for each of some draws of recent ones; `move` is what became of the scores. */
function falseAlarms(
  kind: (random: () => number) => number,
  attacks: number,
  move: (score: number) => number,
): number[] {
  const random = drawer(11);
  const former = summariseScores(Float32Array.from(draw(5000, () => kind(random))));
  const others = draw(20_000, () => move(kind(random)));
  const highest = Math.max(...others);
  return draw(20, () => {
    const usual = draw(3000, () => move(kind(random)));
    const odd = draw(Math.round((3000 * attacks) / (1 - attacks)), () => highest * (1 + random()));
    const { distribution } = recalibrateScores(Float32Array.from([...usual, ...odd]), former);
    return shareAbove(others, thresholdForBudget(distribution, 0.01));
  });
}

describe("a threshold from recent flows", () => {
  test.each(usualKinds)("keeps its budget when the scores are %s and nothing has changed", (_, kind) => {
    for (const share of falseAlarms(kind, 0, (score) => score)) {
      expect(share).toBeGreaterThan(0.005);
      expect(share).toBeLessThan(0.02);
    }
  });

  test.each(usualKinds)(
    "follows %s scores that have moved, and is not drawn up by 2 %% attacks above them all",
    (_, kind) => {
      for (const share of falseAlarms(kind, 0.02, (score) => 3 + 1.1 * score)) {
        expect(share).toBeGreaterThan(0.005);
        expect(share).toBeLessThan(0.02);
      }
    },
  );

  test("leaves out what it is told to, and keeps the shape of the tail", () => {
    const random = drawer(3);
    const former = summariseScores(Float32Array.from(draw(5000, () => random() ** -0.3)));
    const recent = Float32Array.from(draw(4000, () => 2 * random() ** -0.3));
    const { leftOut, distribution } = recalibrateScores(recent, former, 0.1);
    expect(leftOut).toBe(0.1);
    expect(distribution.flows).toBe(3600);
    expect(distribution.tail?.shape).toBe(former.tail?.shape);
    expect(distribution.scores[distribution.scores.length - 1]).toBe(recent.toSorted()[3599]);
    const none = recalibrateScores(recent, former, 0);
    expect([none.leftOut, none.distribution.flows]).toEqual([0, 4000]);
    // The recent scores are twice the former ones, so every threshold is too.
    for (const budget of [0.05, 0.01, 0.003, 0.001]) {
      const ratio = thresholdForBudget(none.distribution, budget) / thresholdForBudget(former, budget);
      expect([budget, Math.abs(ratio / 2 - 1) < 0.25]).toEqual([budget, true]);
    }
  });

  test.each(usualKinds)(
    "of all flows keeps its budget, %s scores and attacks together, whatever was before",
    (_, kind) => {
      const random = drawer(5);
      const former = summariseScores(Float32Array.from(draw(1000, () => 5 * kind(random))));
      const flows = (count: number): number[] =>
        draw(count, () => (random() < 0.02 ? 20 * (1 + random()) : kind(random)));
      const later = flows(20_000);
      for (const budget of [0.05, 0.01, 0.004]) {
        const shares = draw(10, () => {
          const { distribution } = recalibrateScores(Float32Array.from(flows(4000)), former, 0);
          return shareAbove(later, thresholdForBudget(distribution, budget));
        });
        expect(shares.toSorted((a, b) => a - b)[5]).toBeGreaterThan(0.7 * budget);
        expect(shares.toSorted((a, b) => a - b)[5]).toBeLessThan(1.4 * budget);
      }
    },
  );

  test("is one for any scores and any former distribution, and falls as the budget rises", () => {
    const scores = fc
      .array(fc.float({ min: 0, max: Math.fround(1e6), noNaN: true }), { minLength: 1, maxLength: 800 })
      .map((values) => Float32Array.from(values));
    const shares = fc.option(fc.double({ min: 0, max: 0.5, noNaN: true }), { nil: undefined });
    fc.assert(
      fc.property(scores, scores, shares, (before, recent, share) => {
        const former: ScoreDistribution = summariseScores(before);
        const { distribution, leftOut } = recalibrateScores(recent, former, share);
        expect(leftOut).toBeGreaterThanOrEqual(0);
        expect(leftOut).toBeLessThanOrEqual(share ?? 0.05);
        const thresholds = [0.0001, 0.001, 0.01, 0.05, 0.1, 0.5, 1].map((budget) =>
          thresholdForBudget(distribution, budget),
        );
        for (const [i, threshold] of thresholds.entries()) {
          expect(Number.isFinite(threshold)).toBe(true);
          expect(threshold).toBeLessThanOrEqual(thresholds[i - 1] ?? Infinity);
        }
      }),
    );
  });
});
