import {
  fitGeneralisedPareto,
  isExtrapolated,
  type ScoreDistribution,
  scoreRarity,
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

  test("is not overrun by scores that many flows share", () => {
    const few = fc.array(fc.constantFrom(0, 1, 1, 1, 2, 2.5, 7), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(few, fc.double({ min: 1e-4, max: 1, noNaN: true }), (drawn, budget) => {
        const values = Float32Array.from(drawn);
        const alarms = shareAtOrAbove(values, thresholdForBudget(summariseScores(values), budget));
        // Half a percent is how finely a stored distribution tells shares apart.
        expect(alarms).toBeLessThanOrEqual(2 * budget + 1 / values.length + 0.005);
      }),
    );
    for (const [top, budget, alarms] of [
      [30, 0.01, 0],
      [30, 0.06, 0.08],
      [359, 0.4, 0],
    ] as const) {
      const values = Float32Array.from({ length: 359 }, (_, i) => (i >= 359 - top ? 9 : i / 100));
      const found = shareAtOrAbove(values, thresholdForBudget(summariseScores(values), budget));
      expect([top, budget, found]).toEqual([top, budget, expect.closeTo(alarms, 2)]);
    }
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
        const rarity = scoreRarity(distribution, thresholdForBudget(distribution, budget));
        expect([name, budget, Math.abs(rarity / budget - 1) < 1e-6]).toEqual([name, budget, true]);
      }
    }
  });

  test("of a score that many flows share counts these, wherever it stands", () => {
    const shared = fc.tuple(
      fc.integer({ min: 20, max: 200 }),
      fc.integer({ min: 20, max: 200 }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(shared, ([alike, others, areHighest]) => {
        const values = Float32Array.from({ length: alike + others }, (_, k) =>
          k < alike ? 5 : areHighest ? (5 * (k - alike)) / others : 5 + (k - alike + 1) / others,
        );
        const { tail: _, ...untailed } = summariseScores(values);
        const share = shareAtOrAbove(values, 5);
        // Every half percent of the flows is stored, and a step lies between two of these.
        expect(Math.abs(scoreRarity(untailed, 5) - share)).toBeLessThan(0.005 + 1 / values.length);
      }),
    );
  });

  test("falls as the score rises, from 1 towards 0", () => {
    fc.assert(
      fc.property(scores, fc.array(fc.double({ min: 0, max: 2e6, noNaN: true })), (values, drawn) => {
        const distribution = summariseScores(values);
        const shares = drawn.toSorted((a, b) => a - b).map((score) => scoreRarity(distribution, score));
        for (const [i, share] of shares.entries()) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(i === 0 ? 1 : (shares[i - 1] ?? 0));
        }
        expect(scoreRarity(distribution, -1)).toBe(1);
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

  test("is left out where the highest scores are alike, or there are fewer than three", () => {
    expect(summariseScores(new Float32Array(5000).fill(3)).tail).toBeUndefined();
    expect(summariseScores(Float32Array.of(1, 2)).tail).toBeUndefined();
    for (const flows of [3, 17, 499, 500]) {
      const { tail } = summariseScores(Float32Array.from({ length: flows }, (_, i) => i));
      expect([flows, tail !== undefined]).toEqual([flows, true]);
    }
  });
});

describe("of few or many held-back flows", () => {
  const uniform = (seed: number): (() => number) => {
    let state = seed;
    return () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (state + 0.5) / 2 ** 32;
    };
  };
  /** Scores by their upper tail: which share lies above one, and the score that a share lies above. */
  const kinds: readonly [string, (share: number) => number, (score: number) => number][] = [
    ["exponential", (share) => -Math.log(share), (score) => Math.exp(-score)],
    ["heavier", (share) => (share ** -0.2 - 1) / 0.2, (score) => (1 + 0.2 * score) ** -5],
    ["lighter", (share) => Math.sqrt(-Math.log(share)), (score) => Math.exp(-score * score)],
    ["of two kinds", (share) => (share < 0.2 ? 3 - Math.log(5 * share) : 2 - share), twoKinds],
  ];
  function twoKinds(score: number): number {
    return score > 3 ? Math.exp(3 - score) / 5 : Math.min(1, Math.max(0.2, 2 - score));
  }

  test.each(kinds)(
    "a budget is kept on average, whatever their number, where scores are %s",
    (kind, scoreOf, shareAbove) => {
      const random = uniform(17);
      // Some flows more than these must be held back before they show a fifth that lies apart.
      const fewest = kind === "of two kinds" ? 40 : 8;
      for (const flows of [8, 17, 40, 100, 250, 480, 600, 2000].filter((number) => number >= fewest)) {
        for (const budget of [0.01, 0.001]) {
          let alarms = 0;
          const draws = Math.min(600, Math.ceil(240_000 / flows));
          for (let draw = 0; draw < draws; draw++) {
            const heldBack = Float32Array.from({ length: flows }, () => scoreOf(random()));
            alarms += shareAbove(thresholdForBudget(summariseScores(heldBack), budget)) / draws;
          }
          // The highest of them as a threshold came to 1 / (flows + 1): 110 times a budget of 0.1 % with 8 flows.
          expect([flows, budget, alarms / budget > 0.05, alarms / budget < 2.6]).toEqual([
            flows,
            budget,
            true,
            true,
          ]);
        }
      }
    },
  );

  test("it is said which budgets none of them shows", () => {
    const of = (flows: number): ScoreDistribution =>
      summariseScores(new Float32Array(flows).map(Math.random));
    expect([17, 99, 100, 5000].map((flows) => isExtrapolated(of(flows), 0.01))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(isExtrapolated(of(999), 0.001)).toBe(true);
    expect(isExtrapolated(of(10), 0)).toBe(false);
  });
});
