import { splitFitAndTest, splitRows, type TrainingWindow } from "@oddflow/trainer";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const allRows = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, row) => row);

/** Flows of five sources and of an unknown one; about three in seven are attacks, of the kinds 1 to 3; kind 0 is normal. */
const tables = fc
  .array(fc.tuple(fc.constantFrom(0, 0, 0, 0, 1, 2, 3), fc.constantFrom(0, 1, 2, 3, 4, Number.NaN)), {
    minLength: 60,
    maxLength: 400,
  })
  .filter((flows) => flows.filter(([kind]) => kind === 0).length > flows.length / 4)
  .map((flows) => {
    const codes = Float32Array.from(flows, ([kind]) => kind);
    return {
      rows: allRows(flows.length),
      labels: {
        isAttack: Uint8Array.from(codes, (kind) => (kind === 0 ? 0 : 1)),
        attackTypes: { names: ["normal", "flood", "scan", "beacon"], codes },
      },
      sources: Float32Array.from(flows, ([, source]) => source),
    };
  });

describe("a training window", () => {
  test("has its share of attacks in the training part and in the held-back part, and the test part stays as it is", () => {
    fc.assert(
      fc.property(
        tables,
        fc.integer(),
        fc.constantFrom("random" as const, "bulk" as const),
        ({ rows, labels, sources }, seed, mix) => {
          const clean = splitRows(rows, labels, {
            seed,
            window: { contamination: 0, mix, sources },
          });
          const window = { contamination: 0.05, mix, sources };
          const split = orTooFew(() => splitRows(rows, labels, { seed, window }));
          if (split === "TOO_FEW_FLOWS") return;
          const attacks = (part: Uint32Array): Uint32Array =>
            part.filter((row) => labels.isAttack[row] === 1);
          expect([attacks(clean.train).length, attacks(clean.validation).length]).toEqual([0, 0]);
          expect(split.test).toEqual(clean.test);
          for (const part of ["train", "validation"] as const) {
            const normals = split[part].filter((row) => labels.isAttack[row] === 0);
            expect(normals.toSorted()).toEqual(clean[part].toSorted());
            expect(attacks(split[part])).toHaveLength(Math.round((normals.length * 0.05) / 0.95));
          }
          const used = [...split.train, ...split.validation, ...split.test];
          expect(new Set(used).size).toBe(used.length);
          expect(split.validationAttacks).toHaveLength(0);
        },
      ),
    );
  });

  test("in bulk takes one kind, and of no larger set of sources than suffices", () => {
    fc.assert(
      fc.property(tables, fc.integer(), ({ rows, labels, sources }, seed) => {
        const window = { contamination: 0.1, mix: "bulk", sources } as const;
        const split = orTooFew(() => splitRows(rows, labels, { seed, window }));
        if (split === "TOO_FEW_FLOWS") return;
        const drawn = [...split.train, ...split.validation].filter((row) => labels.isAttack[row] === 1);
        const kinds = new Set(drawn.map((row) => labels.attackTypes.codes[row]));
        expect(kinds.size).toBeLessThanOrEqual(1);
        // Every source but the last is taken whole, so none of equal or larger size was passed over.
        const tested = new Set(split.test);
        const [kind] = kinds;
        const left = [...rows].filter(
          (row) => labels.attackTypes.codes[row] === kind && !tested.has(row) && kind !== undefined,
        );
        const sizes = [...countBySource(left, sources).values()].sort((a, b) => b - a);
        const fewest = sizes.findIndex(
          (_, i) => sizes.slice(0, i + 1).reduce((sum, size) => sum + size, 0) >= drawn.length,
        );
        expect(countBySource(drawn, sources).size).toBe(drawn.length === 0 ? 0 : fewest + 1);
      }),
    );
  });

  test("in bulk without sources takes flows of the kind that follow each other", () => {
    // Attacks of one kind on every third row; all of the fitted side's can be named.
    const isAttack = Uint8Array.from({ length: 300 }, (_, row) => (row % 3 === 0 ? 1 : 0));
    const window = { contamination: 0.1, mix: "bulk" } as const;
    const split = splitFitAndTest(allRows(300), allRows(0), { isAttack }, { seed: 3, window });
    const drawn = [...split.train, ...split.validation]
      .filter((row) => isAttack[row] === 1)
      .sort((a, b) => a - b);
    expect(drawn).toEqual(drawn.map((_, i) => (drawn[0] as number) + 3 * i));
    expect(drawn).toHaveLength(22);
  });

  test("that one kind cannot fill is refused, with what there is", () => {
    const codes = Float32Array.from({ length: 1000 }, (_, row) => (row < 900 ? 0 : 1 + (row % 4)));
    const labels = {
      isAttack: Uint8Array.from(codes, (code) => (code === 0 ? 0 : 1)),
      attackTypes: { names: ["normal", "a", "b", "c", "d"], codes },
    };
    const split = (window: TrainingWindow) =>
      splitFitAndTest(allRows(1000), allRows(0), labels, { seed: 1, window });
    expect(() => split({ contamination: 0.05, mix: "bulk" })).toThrow(
      expect.objectContaining({
        code: "TOO_FEW_FLOWS",
        message: expect.stringContaining("needs 48 attacks of one kind beside 900 normal flows; 25 are left"),
      }),
    );
    expect(split({ contamination: 0.05, mix: "random" }).train.length).toBe(810 + 43);
    expect(() => split({ contamination: 0.3, mix: "random" })).toThrow(
      expect.objectContaining({ code: "OPTION_RANGE" }),
    );
  });

  test("depends on the seed and on nothing else", () => {
    const codes = Float32Array.from({ length: 600 }, (_, row) => row % 4);
    const labels = {
      isAttack: Uint8Array.from(codes, (code) => (code === 0 ? 0 : 1)),
      attackTypes: { names: ["normal", "a", "b", "c"], codes },
    };
    const kindAt = (seed: number): number | undefined => {
      const window = { contamination: 0.1, mix: "bulk" } as const;
      const split = splitRows(allRows(600), labels, { seed, window });
      expect(splitRows(allRows(600), labels, { seed, window })).toEqual(split);
      return [...split.train].map((row) => codes[row]).find((code) => code !== 0);
    };
    expect(new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(kindAt))).toEqual(new Set([1, 2, 3]));
  });
});

function countBySource(rows: readonly number[], sources: Float32Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const row of rows) {
    const source = sources[row] ?? Number.NaN;
    counts.set(source, (counts.get(source) ?? 0) + 1);
  }
  return counts;
}

function orTooFew<T>(split: () => T): T | "TOO_FEW_FLOWS" {
  try {
    return split();
  } catch (error) {
    if ((error as { code?: string }).code === "TOO_FEW_FLOWS") return "TOO_FEW_FLOWS";
    throw error;
  }
}
