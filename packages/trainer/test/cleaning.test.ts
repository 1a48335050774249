import type { Endpoints, PreprocessingSpec } from "@oddflow/preprocessing";
import {
  type Cleaning,
  fewOfEachKind,
  findUsualFlows,
  fitIsolationForest,
  isolationScores,
  leftOfPlanted,
  oddByCompany,
} from "@oddflow/trainer";
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

const SPEC: PreprocessingSpec = {
  version: 1,
  featureLimit: 5,
  columns: Array.from({ length: WIDTH }, (_, k) => ({
    kind: "number",
    name: `n${k}`,
    median: 0,
    transform: "identity",
    mean: 0,
    scale: 1,
  })),
};

describe("the usual ones of the training flows", () => {
  const find = (features: Float32Array, endpoints?: Endpoints, clean: Cleaning = "auto") =>
    findUsualFlows(SPEC, features, { clean, endpoints, seed: 1 });
  const shareOf = (rows: Uint32Array, from: number, count: number): number =>
    rows.filter((row) => row >= from && row < from + count).length / count;

  test("are without attacks in bulk, of which only a few are left among the flows of all kinds", async () => {
    const found = await find(makeFeatures(3));
    if (found === undefined) throw new Error("nothing was left out");
    expect(shareOf(found.usual, USUAL, BULK)).toBeLessThan(0.05);
    expect(shareOf(found.usual, 0, USUAL)).toBeGreaterThan(0.8);
    expect(shareOf(found.varied, USUAL, BULK)).toBeLessThan(0.1);
    expect(shareOf(found.varied, USUAL + BULK, LONELY)).toBeGreaterThan(0.8);
    for (const rows of [found.usual, found.varied]) expect(rows).toEqual(rows.slice().sort());
    expect(new Set([...found.usual, ...found.varied]).size).toBe(found.varied.length);
  });

  test("are more where it is known who talked to whom: what usual hosts do is taken back", async () => {
    const features = makeFeatures(3);
    const rows = USUAL + BULK + LONELY;
    // Usual and lonely flows are between twenty pairs of hosts, the bulk comes from one host of its own.
    const isBulk = (row: number): boolean => row >= USUAL && row < USUAL + BULK;
    const endpoints = {
      source: Uint32Array.from({ length: rows }, (_, row) => (isBulk(row) ? 20 : row % 20)),
      destination: Uint32Array.from({ length: rows }, (_, row) => (row % 20) + 21),
    };
    const alone = await find(features);
    const found = await find(features, endpoints);
    if (found === undefined || alone === undefined) throw new Error("nothing was left out");
    expect(shareOf(found.usual, 0, USUAL)).toBeGreaterThan(shareOf(alone.usual, 0, USUAL));
    expect(shareOf(found.usual, 0, USUAL)).toBeGreaterThan(0.99);
    expect(shareOf(found.usual, USUAL + BULK, LONELY)).toBeGreaterThan(0.99);
    expect(shareOf(found.usual, USUAL, BULK)).toBeLessThan(0.05);
    expect(shareOf(found.varied, USUAL, BULK)).toBeLessThan(0.1);
  });

  test("are all of them where cleaning is off, where flows are few, and where they are equal", async () => {
    expect(await find(makeFeatures(4), undefined, "off")).toBeUndefined();
    expect(await find(makeFeatures(4).subarray(0, 400 * WIDTH))).toBeUndefined();
    expect(await find(new Float32Array(600 * WIDTH).fill(0.5))).toBeUndefined();
  });
});

describe("attacks that are planted among the training flows", () => {
  test("are left out where they are odd, and told by kind where they look usual", async () => {
    const flows = makeFeatures(3).subarray(0, USUAL * WIDTH);
    const endpoints = {
      source: Uint32Array.from({ length: USUAL }, (_, row) => row % 20),
      destination: Uint32Array.from({ length: USUAL }, (_, row) => 21 + (row % 20)),
    };
    const options = { clean: "auto", endpoints, seed: 2 } as const;
    const left = await leftOfPlanted(SPEC, flows, options);
    expect(left?.copies).toBeLessThan(0.1);
    // Without context a beacon is a usual flow, and nothing tells it from one.
    expect(left?.beacon).toBeGreaterThan(0.9);
    expect(await leftOfPlanted(SPEC, flows, options)).toEqual(left);
    expect(await leftOfPlanted(SPEC, flows, { ...options, clean: "off" })).toBeUndefined();
  });
});

describe("what is odd among the training flows", () => {
  const codes = (values: readonly number[]): Uint32Array => Uint32Array.from(values);

  test("is what the first group that is large enough is, and usual where none is", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.nat(3), fc.nat(3), fc.nat(2)), { minLength: 1, maxLength: 300 }),
        (flows) => {
          const isOdd = Uint8Array.from(flows, ([odd]) => Number(odd));
          const byCompany = oddByCompany(isOdd, {
            source: codes(flows.map(([, source]) => source)),
            destination: codes(flows.map(([, , destination]) => destination)),
            service: codes(flows.map(([, , , service]) => service)),
          });
          const groups = [
            (a: Flow, b: Flow) => a[1] === b[1] && a[2] === b[2],
            (a: Flow, b: Flow) => a[1] === b[1] && a[3] === b[3],
            (a: Flow, b: Flow) => a[2] === b[2] && a[3] === b[3],
            (a: Flow, b: Flow) => a[1] === b[1],
            (a: Flow, b: Flow) => a[2] === b[2],
          ];
          flows.forEach((flow, row) => {
            const group = groups.map((same) => flows.filter((other) => same(flow, other)));
            const decides = group.find(({ length }) => length >= 10);
            const isOddGroup =
              decides !== undefined && decides.filter(([odd]) => odd).length > decides.length / 2;
            expect(byCompany[row]).toBe(isOddGroup ? 1 : 0);
          });
        },
      ),
    );
  });
  type Flow = readonly [boolean, number, number, number];

  test.each([
    [2000, 3],
    [9000, 9],
    [100_000, 25],
  ])("of %i rows keeps %i of a kind, and of a pair", (rows, few) => {
    const features = new Float32Array(2 * rows);
    const left = codes(Array.from({ length: rows }, (_, row) => row));
    const endpoints = { source: new Uint32Array(rows), destination: new Uint32Array(rows) };
    expect(fewOfEachKind(features, 2, 2, left, { seed: 1 })).toHaveLength(few);
    expect(fewOfEachKind(features, 2, 2, left, { endpoints, seed: 1 })).toHaveLength(few);
  });

  test("comes down to a few of a kind, of a pair and of a host", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(4), fc.nat(2), fc.nat(9)), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 0, max: 1000 }),
        (flows, seed) => {
          const features = Float32Array.from(flows.flatMap(([kind]) => [kind * 10, 0]));
          const endpoints = {
            source: codes(flows.map(([, source]) => source)),
            destination: codes(flows.map(([, , destination]) => destination)),
          };
          const left = codes(flows.map((_, row) => row));
          const rows = fewOfEachKind(features, 2, 2, left, { endpoints, seed });
          expect(rows).toEqual(fewOfEachKind(features, 2, 2, left, { endpoints, seed }));
          expect(rows).toEqual(codes([...new Set(rows)].sort((a, b) => a - b)));
          const most = (group: (row: number) => unknown): number => {
            const counts = new Map<unknown, number>();
            for (const row of rows) counts.set(group(row), (counts.get(group(row)) ?? 0) + 1);
            return Math.max(...counts.values());
          };
          expect(most((row) => features[row * 2])).toBeLessThanOrEqual(3);
          expect(most((row) => `${endpoints.source[row]}>${endpoints.destination[row]}`)).toBeLessThanOrEqual(
            3,
          );
          expect(most((row) => endpoints.source[row])).toBeLessThanOrEqual(9);
          expect(rows.length).toBeGreaterThan(0);
        },
      ),
    );
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
