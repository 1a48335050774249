import { CORE_RULES, type CoreRule, coreRows, fitIsolationForest, isolationScores } from "@oddflow/trainer";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import golden from "../../../fixtures/golden/robust-detector.json" with { type: "json" };
import { randomStream } from "../src/random.ts";

const WIDTH = 6;
const USUAL = 1500;
const BULK = 100;
const LONELY = 20;

/** Two kinds of usual rows, then attacks that look alike, then rows that are odd each in a way of its own. */
function makeFeatures(seed: number): Float32Array {
  const random = randomStream(seed, "test features");
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
  const rows: number[][] = [];
  for (let i = 0; i < USUAL; i++) {
    const kind = i % 3 === 0 ? 1 : 0;
    rows.push(Array.from({ length: WIDTH }, (_, k) => kind * (k % 2) * 2 + 0.7 * normal()));
  }
  for (let i = 0; i < BULK; i++)
    rows.push(Array.from({ length: WIDTH }, (_, k) => (k % 2 === 0 ? 3 : -3) + 0.1 * normal()));
  for (let i = 0; i < LONELY; i++) {
    rows.push(
      Array.from({ length: WIDTH }, () => (random.uniform() < 0.5 ? -1 : 1) * (3 + 7 * random.uniform())),
    );
  }
  return Float32Array.from(rows.flat());
}

describe("isolation forest", () => {
  test("ranks rows as scikit-learn's does", () => {
    const { width, values, scores: wanted } = golden.forest;
    const rows = Float32Array.from(values);
    const all = Uint32Array.from(wanted, (_, row) => row);
    const found = isolationScores(fitIsolationForest(rows, width, all, 1), rows);
    expect(rankCorrelation(found, Float32Array.from(wanted))).toBeGreaterThan(0.97);
  });

  test("scores any rows, also equal ones and a single one", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 1, -3e38, 3e38, 1e-40), { minLength: 2, maxLength: 60 }),
        fc.integer(),
        (values, seed) => {
          const rows = Float32Array.from(values.slice(0, values.length - (values.length % 2)));
          const all = Uint32Array.from({ length: rows.length / 2 }, (_, row) => row);
          const scores = isolationScores(fitIsolationForest(rows, 2, all, seed), rows);
          expect(scores.length).toBe(all.length);
          for (const score of scores) expect(Number.isFinite(score)).toBe(true);
        },
      ),
    );
  });
});

describe("the core of the training flows", () => {
  const shares: Record<CoreRule, number> = { isolation: 0.4, covariance: 0.12 };
  test.each(CORE_RULES)(
    "by %s leaves attacks in bulk out, and odd flows without company in",
    async (rule) => {
      const features = makeFeatures(3);
      const kept = new Set(await coreRows(features, WIDTH, WIDTH, { rule, share: shares[rule], seed: 1 }));
      const keptOf = (from: number, count: number): number =>
        Array.from({ length: count }, (_, i) => from + i).filter((row) => kept.has(row)).length / count;
      expect(keptOf(USUAL, BULK)).toBeLessThan(0.05);
      expect(keptOf(USUAL + BULK, LONELY)).toBeGreaterThan(0.9);
      expect(keptOf(0, USUAL)).toBeGreaterThan(1 - shares[rule]);
    },
  );

  test.each(CORE_RULES)(
    "by %s is the same for the same seed, in rising order, and at least the share",
    async (rule) => {
      const features = makeFeatures(4);
      const choose = (share: number): Promise<Uint32Array> =>
        coreRows(features, WIDTH, WIDTH, { rule, share, seed: 5 });
      for (const share of [0.01, 0.2]) {
        const kept = await choose(share);
        expect(kept).toEqual(await choose(share));
        expect(kept).toEqual(kept.slice().sort());
        expect(kept.length).toBeGreaterThanOrEqual(Math.floor((1 - share) * (USUAL + BULK + LONELY)));
      }
    },
  );

  test.each(CORE_RULES)("by %s of equal rows is all of them", async (rule) => {
    const features = new Float32Array(600 * WIDTH).fill(0.5);
    const kept = await coreRows(features, WIDTH, WIDTH, { rule, share: 0.3, seed: 1 });
    expect(kept.length).toBe(600);
  });
});

/** Spearman's. */
function rankCorrelation(a: Float32Array, b: Float32Array): number {
  const [left, right] = [ranks(a), ranks(b)];
  const middle = (a.length - 1) / 2;
  let product = 0;
  let squares = 0;
  left.forEach((rank, i) => {
    product += (rank - middle) * ((right[i] ?? 0) - middle);
    squares += (rank - middle) ** 2;
  });
  return product / squares;
}

function ranks(values: Float32Array): number[] {
  const order = Array.from(values, (_, i) => i).sort((i, j) => (values[i] ?? 0) - (values[j] ?? 0));
  const result = new Array<number>(values.length);
  order.forEach((row, rank) => {
    result[row] = rank;
  });
  return result;
}
