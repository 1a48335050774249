import { cutByTime, splitByTime } from "@oddflow/trainer";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

/** Flows of a few bursts with blanks and ties, three of four normal; the first flow has a time and is normal. */
const flows = fc
  .array(
    fc.record({
      time: fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 0, max: 50 }) },
        { weight: 4, arbitrary: fc.integer({ min: 500, max: 520 }) },
        { weight: 1, arbitrary: fc.constant(Number.NaN) },
      ),
      attack: fc.constantFrom(0, 0, 0, 1),
    }),
    { minLength: 1, maxLength: 200 },
  )
  .map((drawn) => [{ time: -1, attack: 0 }, { time: 600, attack: 1 }, ...drawn])
  .map((all) => ({
    times: Float64Array.from(all, ({ time }) => time),
    labels: { isAttack: Uint8Array.from(all, ({ attack }) => attack) },
  }));

const allRows = (times: Float64Array): Uint32Array => Uint32Array.from(times, (_, row) => row);

describe("a split by time", () => {
  test("never has a row twice, and every test row is later than every other", () => {
    fc.assert(
      fc.property(flows, fc.integer(), ({ times, labels }, seed) => {
        const split = splitByTime(times, allRows(times), labels, { seed });
        const fitted = [...split.train, ...split.validation, ...split.validationAttacks];
        const rows = [...fitted, ...split.test];
        expect(new Set(rows).size).toBe(rows.length);
        const time = (row: number): number => times[row] ?? Number.NaN;
        expect(rows.some((row) => Number.isNaN(time(row)))).toBe(false);
        expect(Math.min(...[...split.test].map(time))).toBeGreaterThan(Math.max(...fitted.map(time)));
        expect(split.train.some((row) => labels.isAttack[row] === 1)).toBe(false);
      }),
    );
  });

  test("is the same for the same seed, and tests the same flows whatever the seed", () => {
    fc.assert(
      fc.property(flows, fc.integer(), ({ times, labels }, seed) => {
        const split = splitByTime(times, allRows(times), labels, { seed });
        expect(splitByTime(times, allRows(times), labels, { seed })).toEqual(split);
        expect(splitByTime(times, allRows(times), labels, { seed: seed + 1 }).test).toEqual(split.test);
      }),
    );
  });

  test("of some rows has no others, and cuts them where the whole table is cut", () => {
    fc.assert(
      fc.property(flows, fc.integer(), ({ times, labels }, seed) => {
        const { firstLater } = cutByTime(times);
        const rows = allRows(times).filter((row) => row === 0 || row % 3 !== 0);
        const split = splitByTime(times, rows, labels, { seed });
        const fitted = [...split.train, ...split.validation, ...split.validationAttacks];
        expect([...fitted, ...split.test].every((row) => rows.includes(row))).toBe(true);
        expect(fitted.every((row) => (times[row] as number) < firstLater)).toBe(true);
        expect([...split.test]).toEqual([...rows].filter((row) => (times[row] as number) >= firstLater));
      }),
    );
  });

  test("trains on as many attacks as it is asked for", () => {
    const times = Float64Array.from({ length: 2000 }, (_, row) => row);
    const isAttack = Uint8Array.from(times, (time) => (time % 2 === 0 ? 1 : 0));
    const { train } = splitByTime(times, allRows(times), { isAttack }, { seed: 1, attacksInTraining: 0.1 });
    expect(train.filter((row) => isAttack[row] === 1).length / train.length).toBeCloseTo(0.1, 2);
  });
});

describe("time is cut", () => {
  const day = (start: number, count: number): number[] => Array.from({ length: count }, (_, i) => start + i);

  test("at the widest gap that leaves a tenth of the flows on each side", () => {
    const times = Float64Array.from([
      ...day(0, 300),
      ...day(2000, 500),
      ...day(3000, 150),
      ...day(90_000, 50),
    ]);
    expect(cutByTime(times)).toMatchObject({ by: "gap", lastEarlier: 299, firstLater: 2000 });
  });

  test("at 70 % of the flows where nothing but a lull is between them", () => {
    const { earlier, later, ...cut } = cutByTime(Float64Array.from([...day(0, 100), ...day(105, 100)]));
    expect(cut).toEqual({ by: "quantile", lastEarlier: 144, firstLater: 145 });
    expect([earlier.length, later.length]).toEqual([140, 60]);
  });

  test("beside flows of the same time, never between them", () => {
    const { earlier, later } = cutByTime(Float64Array.of(3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2));
    expect([[...earlier], [...later]]).toEqual([
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
      [0, 10],
    ]);
  });

  test("nowhere when there are no two times", () => {
    for (const times of [[], [Number.NaN], [5, 5, Number.NaN]]) {
      expect(() => cutByTime(Float64Array.from(times))).toThrow(
        expect.objectContaining({ code: "TOO_FEW_FLOWS" }),
      );
    }
  });
});
