import {
  columnShifts,
  FlowCounter,
  PSI_MOVED,
  PSI_MOVED_FAR,
  populationShift,
  profileFlows,
} from "@oddflow/detector";
import type { ColumnCoding } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const pairs = fc
  .array(fc.tuple(fc.nat(1000), fc.nat(1000)), { minLength: 1, maxLength: 30 })
  .map((bins) => [bins.map(([before]) => before), bins.map(([, now]) => now)] as const);

/** A small generator of its own, so that draws are the same on every machine. */
function drawer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("the population stability index", () => {
  test("is what its formula says", () => {
    const shift = populationShift([500, 300, 200], [400, 300, 300]);
    expect(shift.psi).toBeCloseTo(0.1 * Math.log(5 / 4) + 0.1 * Math.log(3 / 2), 12);
  });

  test("is 0 for the same shares, however many flows there are", () => {
    fc.assert(
      fc.property(pairs, fc.integer({ min: 1, max: 50 }), ([counts], times) => {
        const more = counts.map((count) => count * times);
        expect(populationShift(counts, more).psi).toBeCloseTo(0, 12);
        expect(populationShift(counts, counts)).toMatchObject({ psi: 0, moved: 0 });
      }),
    );
  });

  test("is symmetric, finite and never negative", () => {
    fc.assert(
      fc.property(pairs, ([before, now]) => {
        const there = populationShift(before, now);
        const back = populationShift(now, before);
        expect(there.psi).toBeCloseTo(back.psi, 12);
        expect(there.chance).toBeCloseTo(back.chance, 12);
        for (const figure of Object.values(there)) {
          expect(Number.isFinite(figure)).toBe(true);
          expect(figure).toBeGreaterThanOrEqual(0);
        }
        expect(there.moved).toBeLessThanOrEqual(there.psi);
      }),
    );
  });

  test("of a bin that was empty is bounded, and grows with what is in it now", () => {
    const shift = (now: number): number => populationShift([10_000, 0], [10_000 - now, now]).moved;
    expect(shift(0)).toBe(0);
    expect(shift(1500)).toBeGreaterThan(PSI_MOVED_FAR);
    expect(shift(10_000)).toBeGreaterThan(shift(1500));
    expect(shift(10_000)).toBeLessThan(20);
  });

  test("of few unmoved flows is large, but told from a move", () => {
    const random = drawer(7);
    const draw = (flows: number): number[] => {
      const counts = new Array<number>(20).fill(0);
      for (let i = 0; i < flows; i++) {
        // Some bins are likely and some rare.
        const bin = Math.floor(20 * random() ** 2);
        counts[bin] = (counts[bin] ?? 0) + 1;
      }
      return counts;
    };
    const before = draw(20_000);
    for (const flows of [20, 50, 200, 1000]) {
      const shifts = Array.from({ length: 300 }, () => populationShift(before, draw(flows)));
      expect([flows, shifts.filter(({ moved }) => moved > PSI_MOVED).length]).toEqual([flows, 0]);
      const mean = shifts.reduce((sum, { psi }) => sum + psi, 0) / shifts.length;
      const expected = 19 * (1 / flows + 1 / 20_000);
      if (flows >= 200) expect(Math.abs(mean / expected - 1)).toBeLessThan(0.2);
    }
    const turned = before.toReversed();
    expect(populationShift(turned, draw(200)).moved).toBeGreaterThan(PSI_MOVED_FAR);
  });
});

describe("the shifts of columns", () => {
  const columns: ColumnCoding[] = [
    { kind: "number", name: "still" },
    { kind: "number", name: "gone" },
    { kind: "category", name: "new", valueType: "text", vocabulary: ["a", "b"] },
  ];
  const table = (rows: number, row: (i: number) => number[]): Float32Array =>
    Float32Array.from(Array.from({ length: rows }, (_, i) => row(i)).flat());

  test("name the most moved first, with unseen and missing shares before and now", () => {
    const fitted = profileFlows(
      columns,
      table(1000, (i) => [i, i % 7, i % 2]),
    );
    const counter = new FlowCounter(fitted);
    counter.add(table(1000, (i) => [i, i % 2 === 0 ? Number.NaN : i % 7, i % 10 === 0 ? 2 : i % 2]));
    const shifts = columnShifts(fitted, counter.profile);
    expect(shifts.map(({ name }) => name)).toEqual(["gone", "new", "still"]);
    const [gone, unseen, still] = shifts;
    expect(gone).toMatchObject({ missing: { before: 0, now: 0.5 }, unseen: { before: 0, now: 0 } });
    expect(unseen).toMatchObject({ missing: { before: 0, now: 0 }, unseen: { before: 0, now: 0.1 } });
    expect(still).toMatchObject({ psi: 0, moved: 0, unseen: undefined });
    expect(gone?.moved).toBeGreaterThan(PSI_MOVED_FAR);
  });
});
