import { readFileSync } from "node:fs";
import { compareScores, formatComparison, mostChanged, type ScoreComparison } from "@oddflow/evaluation";
import fc from "fast-check";
import { expect, test } from "vitest";

interface GoldenCase {
  readonly name: string;
  readonly one: string;
  readonly other: string;
  readonly expected: number | null;
}

const golden = JSON.parse(
  readFileSync(new URL("../../../fixtures/golden/rank-correlation.json", import.meta.url), "utf8"),
) as { readonly cases: readonly GoldenCase[] };

function scoresOf(base64: string): Float32Array {
  return new Float32Array(new Uint8Array(Buffer.from(base64, "base64")).buffer);
}

test.each(golden.cases)("ranks correlate as SciPy says: $name", ({ one, other, expected }) => {
  const { rankCorrelation } = compareScores({
    scores: { old: scoresOf(one), new: scoresOf(other) },
    thresholds: { old: 1, new: 1 },
    share: 0.1,
  });
  if (expected === null) expect(rankCorrelation).toBeNull();
  else expect(rankCorrelation).toBeCloseTo(expected, 12);
});

const score = fc.oneof(fc.nat(6), fc.double({ min: -5, max: 5, noNaN: true }));
/** Flows by both models' scores, and by their kind: 0 is normal. */
const flows = fc.array(fc.tuple(score, score, fc.nat(3)), { minLength: 1, maxLength: 60 });
const thresholds = fc.record({ old: score, new: score });
const share = fc.double({ min: 0, max: 1, noNaN: true });

function comparisonOf(
  rows: readonly (readonly [number, number, number])[],
  own: { old: number; new: number },
  budget: number,
): ScoreComparison {
  const codes = Uint8Array.from(rows, ([, , kind]) => kind);
  return compareScores({
    scores: { old: Float64Array.from(rows, ([old]) => old), new: Float64Array.from(rows, ([, own]) => own) },
    thresholds: own,
    share: budget,
    labels: {
      isAttack: codes.map((code) => Math.min(1, code)),
      attackTypes: { names: ["normal", "a", "b", "c"], codes },
    },
  });
}

test("what is counted of all flows is what is counted of each kind, and one by one", () => {
  const holds = fc.property(flows, thresholds, share, (rows, own, budget) => {
    const { alarms, overlap, oddest, labels } = comparisonOf(rows, own, budget);
    const isOld = ([old]: (typeof rows)[number]): boolean => old >= own.old;
    const isNew = ([, latter]: (typeof rows)[number]): boolean => latter >= own.new;
    const both = rows.filter((row) => isOld(row) && isNew(row)).length;
    const either = rows.filter((row) => isOld(row) || isNew(row)).length;
    expect(alarms).toEqual({
      flows: rows.length,
      old: rows.filter(isOld).length,
      new: rows.filter(isNew).length,
      both,
    });
    expect(overlap).toBe(either === 0 ? null : both / either);
    const parts = [labels?.normal, ...(labels?.attacks ?? [])];
    for (const figure of ["flows", "old", "new", "both"] as const)
      expect(parts.reduce((sum, part) => sum + (part?.[figure] ?? 0), 0)).toBe(alarms[figure]);
    // As many as the budget is, and more only where scores are equal.
    const count = Math.max(1, Math.round(budget * rows.length));
    for (const [side, place] of [
      ["old", 0],
      ["new", 1],
    ] as const) {
      const sorted = rows.map((row) => row[place]).sort((one, other) => other - one);
      expect(oddest[side]).toBe(sorted.filter((own) => own >= (sorted[count - 1] ?? 0)).length);
    }
  });
  fc.assert(holds);
});

test("the models' places can be changed; a model agrees with itself, and with one that stretches its scores", () => {
  const holds = fc.property(flows, thresholds, share, (rows, own, budget) => {
    const forth = comparisonOf(rows, own, budget);
    const turned = rows.map(([old, latter, kind]) => [latter, old, kind] as const);
    const back = comparisonOf(turned, { old: own.new, new: own.old }, budget);
    expect(back.alarms).toEqual({ ...forth.alarms, old: forth.alarms.new, new: forth.alarms.old });
    expect([back.overlap, back.oddest.both]).toEqual([forth.overlap, forth.oddest.both]);
    expect(back.rankCorrelation ?? 2).toBeCloseTo(forth.rankCorrelation ?? 2, 12);
    const stretched = rows.map(([old, , kind]) => [old, 8 * old, kind] as const);
    const itself = comparisonOf(stretched, { old: own.old, new: 8 * own.old }, budget);
    expect(itself.alarms.both).toBe(itself.alarms.old);
    expect(itself.rankCorrelation ?? 1).toBeCloseTo(1, 12);
  });
  fc.assert(holds);
});

test("what cannot be compared is refused, and what cannot be said is a dash", () => {
  const own = { thresholds: { old: 1, new: 1 }, share: 0.01 };
  const scores = (old: number[], latter: number[]) => ({
    ...own,
    scores: { old: Float32Array.from(old), new: Float32Array.from(latter) },
  });
  expect(() => compareScores(scores([1, 2], [1]))).toThrow(/2 scores of the old model and 1 of the new one/);
  expect(() => compareScores(scores([1, Number.NaN], [1, 2]))).toThrow(/NaN/);
  expect(() => compareScores(scores([], []))).toThrow(/0 flows/);
  const text = formatComparison(compareScores(scores([0, 0], [0, 0.5])));
  expect(text).toMatch(/alarms of both, of all that either raises +-\n/);
  expect(text).toMatch(/rank correlation of the scores \(Spearman\) +-$/);
});

test("flows that changed sides are those of one detector alone, none of them suppressed, the farthest first", () => {
  const rarity = { old: (own: number) => Math.exp(-own), new: (own: number) => Math.exp(-2 * own) };
  const holds = fc.property(flows, thresholds, fc.nat(8), (rows, own, count) => {
    const scores = {
      old: Float64Array.from(rows, ([old]) => old),
      new: Float64Array.from(rows, ([, latter]) => latter),
    };
    const suppressed = Uint8Array.from(rows, ([, , kind]) => Number(kind === 3));
    const changed = mostChanged({ scores, thresholds: own, suppressed, rarity }, "new", count);
    const candidates = rows.flatMap(([old, latter, kind], row) =>
      old < own.old && latter >= own.new && kind !== 3 ? [row] : [],
    );
    expect(changed).toHaveLength(Math.min(count, candidates.length));
    expect(candidates).toEqual(expect.arrayContaining([...changed]));
    const change = (row: number): number =>
      rarity.old(scores.old[row] ?? 0) / rarity.new(scores.new[row] ?? 0);
    const least = Math.min(...changed.map(change));
    for (const row of candidates.filter((one) => !changed.includes(one)))
      expect(change(row)).toBeLessThanOrEqual(least);
  });
  fc.assert(holds);
});
