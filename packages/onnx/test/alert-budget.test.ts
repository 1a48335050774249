import { summariseScores, thresholdForBudget } from "@oddflow/onnx";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const scores = fc
  .array(fc.float({ min: 0, max: Math.fround(1e6), noNaN: true }), { minLength: 1, maxLength: 300 })
  .map((values) => Float32Array.from(values));
const shareAtOrAbove = (values: Float32Array, threshold: number): number =>
  values.filter((score) => score >= threshold).length / values.length;

describe("an alert budget", () => {
  test("is kept on the flows it was taken from", () => {
    const even = Float32Array.from({ length: 10_000 }, (_, i) => i);
    const distribution = summariseScores(even);
    for (const budget of [0.0003, 0.001, 0.01, 0.0125, 0.05, 0.2, 0.5]) {
      expect(shareAtOrAbove(even, thresholdForBudget(distribution, budget))).toBeCloseTo(budget, 3);
    }
  });

  test("gives a lower or equal threshold the larger it is", () => {
    fc.assert(
      fc.property(scores, fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (values, budgets) => {
        const distribution = summariseScores(values);
        const thresholds = budgets
          .toSorted((a, b) => a - b)
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
