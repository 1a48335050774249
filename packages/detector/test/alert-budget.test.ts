import {
  fitGeneralisedPareto,
  type ScoreDistribution,
  shareScoringAbove,
  summariseScores,
  thresholdForBudget,
} from "@oddflow/detector";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import golden from "../../../fixtures/golden/score-tail.json" with { type: "json" };

const scores = fc
  .array(fc.float({ min: 0, max: Math.fround(1e6), noNaN: true }), { minLength: 1, maxLength: 800 })
  .map((values) => Float32Array.from(values));
const shareAtOrAbove = (values: Float32Array, threshold: number): number =>
  values.filter((score) => score >= threshold).length / values.length;
const budgets = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2 });

describe("an alert budget", () => {
  test("is kept on the flows it was taken from", () => {
    for (const { name, scores: values } of golden.cases) {
      const flows = Float32Array.from(values);
      const distribution = summariseScores(flows);
      for (const budget of [0.003, 0.01, 0.03, 0.05, 0.1, 0.2, 0.5]) {
        const share = shareAtOrAbove(flows, thresholdForBudget(distribution, budget));
        expect([name, budget, Math.abs(share / budget - 1) < 0.25]).toEqual([name, budget, true]);
      }
    }
  });

  test("gives a lower or equal threshold the larger it is", () => {
    fc.assert(
      fc.property(scores, budgets, (values, drawn) => {
        const distribution = summariseScores(values);
        const thresholds = drawn
          .toSorted((a, b) => a - b)
          .filter((budget) => budget > 0)
          .map((budget) => thresholdForBudget(distribution, budget));
        for (let i = 1; i < thresholds.length; i++) {
          expect(thresholds[i]).toBeLessThanOrEqual(thresholds[i - 1] ?? 0);
        }
      }),
    );
  });

  test("of 0 alarms on no held-back flow, of 1 on all", () => {
    fc.assert(
      fc.property(scores, (values) => {
        const distribution = summariseScores(values);
        expect(shareAtOrAbove(values, thresholdForBudget(distribution, 0))).toBe(0);
        expect(shareAtOrAbove(values, thresholdForBudget(distribution, 1))).toBe(1);
      }),
    );
  });
});

describe("how rare a score is", () => {
  test("is the budget whose threshold it is, within the tail and below it", () => {
    for (const { name, scores: values } of golden.cases) {
      const distribution = summariseScores(Float32Array.from(values));
      for (const budget of [0.0001, 0.001, 0.01, 0.049, 0.06, 0.3, 0.9]) {
        const rarity = shareScoringAbove(distribution, thresholdForBudget(distribution, budget));
        expect([name, budget, Math.abs(rarity / budget - 1) < 1e-6]).toEqual([name, budget, true]);
      }
    }
  });

  test("falls as the score rises, from 1 towards 0", () => {
    fc.assert(
      fc.property(scores, fc.array(fc.double({ min: 0, max: 2e6, noNaN: true })), (values, drawn) => {
        const distribution = summariseScores(values);
        const shares = drawn.toSorted((a, b) => a - b).map((score) => shareScoringAbove(distribution, score));
        for (const [i, share] of shares.entries()) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(i === 0 ? 1 : (shares[i - 1] ?? 0));
        }
        expect(shareScoringAbove(distribution, -1)).toBe(1);
      }),
    );
  });
});

describe("the fitted tail", () => {
  const logLikelihood = (excesses: Float64Array, shape: number, scale: number): number =>
    excesses.reduce((sum, x) => sum - Math.log(scale) - (1 + 1 / shape) * Math.log1p((shape * x) / scale), 0);

  test.each(golden.cases)(
    "of $name has a shape as likely as SciPy's, within 1 of the logarithm of its maximum",
    (expected) => {
      const excesses = Float64Array.from(
        expected.scores.filter((score) => score > expected.threshold),
        (score) => score - expected.threshold,
      ).sort();
      expect(excesses).toHaveLength(200);
      expect(logLikelihood(excesses, expected.shape, expected.scale)).toBeCloseTo(expected.logLikelihood, 1);
      const { shape, scale } = fitGeneralisedPareto(excesses);
      expect(logLikelihood(excesses, shape, scale)).toBeGreaterThan(expected.logLikelihood - 1);
    },
  );

  test.each(golden.cases)(
    "of $name begins where ten flows are left, with their mean",
    ({ scores: values }) => {
      const { tail } = summariseScores(Float32Array.from(values));
      const highest = Float32Array.from(values).sort().subarray(-10);
      expect(tail?.share).toBe(10 / values.length);
      expect(highest.filter((score) => score > (tail?.threshold ?? Infinity))).toHaveLength(10);
      const { threshold = 0, shape = 0, scale = 0 } = tail ?? {};
      expect(shape).toBeGreaterThanOrEqual(-0.5);
      expect(shape).toBeLessThanOrEqual(0.2);
      const mean = highest.reduce((sum, score) => sum + score, 0) / 10;
      expect(threshold + scale / (1 - shape)).toBeCloseTo(mean, 4);
    },
  );

  test("is not misled by a kind of usual traffic that lies apart", () => {
    // 3 % of the flows lie in a lump of their own, with nothing above it: none but the lump is to be expected there.
    const uniform = (i: number): number => ((i * 48_271) % 99_991) / 99_991;
    const draw = (first: number, length: number): Float32Array =>
      Float32Array.from({ length }, (_, i) => {
        const at = uniform(first + i);
        return (first + i) % 33 === 0 ? 4 + 0.5 * at : -0.5 * Math.log(1 - at);
      });
    const distribution = summariseScores(draw(0, 3000));
    for (const budget of [0.01, 0.003, 0.001]) {
      const alarms = shareAtOrAbove(draw(3000, 60_000), thresholdForBudget(distribution, budget));
      expect([budget, alarms > budget / 2, alarms < budget * 2]).toEqual([budget, true, true]);
    }
  });

  test("says what lies beyond the flows that were held back", () => {
    // A generalised Pareto distribution of shape 0.2 by its quantiles: its one in 100,000 is known.
    const quantile = (p: number): number => ((1 - p) ** -0.2 - 1) / 0.2;
    const flows = Float32Array.from({ length: 20_000 }, (_, i) => quantile((i + 0.5) / 20_000));
    const wanted = quantile(1 - 1e-5);
    expect(Math.abs(thresholdForBudget(summariseScores(flows), 1e-5) / wanted - 1)).toBeLessThan(0.1);
  });

  test("is left out where there are too few flows or the highest scores are alike", () => {
    const few: ScoreDistribution = summariseScores(Float32Array.from({ length: 499 }, (_, i) => i));
    expect(few.tail).toBeUndefined();
    expect(summariseScores(new Float32Array(5000).fill(3)).tail).toBeUndefined();
    expect(summariseScores(Float32Array.from({ length: 500 }, (_, i) => i)).tail).toBeDefined();
  });
});
