import { joinLabels, readLabels } from "@oddflow/evaluation";
import { splitFitAndTest, splitRows, stratifiedSubset } from "@oddflow/trainer";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const allRows = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, row) => row);
const labelled = fc
  .array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 400 })
  .map((values) => ({ isAttack: Uint8Array.from(values) }));

describe("a split", () => {
  test("gives every row of an unlabelled table to one part, and none to a test that nobody can make", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.integer(), (count, seed) => {
        const {
          train,
          validation,
          validationAttacks,
          test: rest,
        } = splitRows(allRows(count), undefined, { seed, attacksInTraining: 0.05 });
        expect([...train, ...validation, ...rest].toSorted((a, b) => a - b)).toEqual([...allRows(count)]);
        expect(validationAttacks).toHaveLength(0);
        const trained = Math.round(count * 0.85);
        expect([train.length, validation.length, rest.length]).toEqual([trained, count - trained, 0]);
      }),
    );
  });

  test("of a labelled table never has a row twice, and only the test part and attacks in training have attacks in them", () => {
    fc.assert(
      fc.property(labelled, fc.integer(), (labels, seed) => {
        fc.pre(labels.isAttack.includes(0));
        const split = splitRows(allRows(labels.isAttack.length), labels, { seed, attacksInTraining: 0 });
        const rows = [...split.train, ...split.validation, ...split.validationAttacks, ...split.test];
        expect(new Set(rows).size).toBe(rows.length);
        const attacks = (part: Uint32Array): number =>
          part.filter((row) => labels.isAttack[row] === 1).length;
        expect([attacks(split.train), attacks(split.validation)]).toEqual([0, 0]);
        expect(attacks(split.validationAttacks)).toBe(split.validationAttacks.length);
      }),
    );
  });

  test("has the reference's sizes", () => {
    const labels = { isAttack: Uint8Array.from({ length: 2000 }, (_, row) => (row < 1000 ? 0 : 1)) };
    const split = splitRows(allRows(2000), labels, { seed: 1, attacksInTraining: 0.2 });
    const count = (part: Uint32Array, attack: number): number =>
      part.filter((row) => labels.isAttack[row] === attack).length;
    expect([count(split.train, 0), count(split.train, 1)]).toEqual([800, 200]);
    expect([count(split.test, 0), count(split.test, 1)]).toEqual([100, 400]);
    expect([split.validation.length, split.validationAttacks.length]).toEqual([100, 100]);
  });

  test("depends on the seed and on nothing else", () => {
    const at = (seed: number): Uint32Array =>
      splitRows(allRows(300), undefined, { seed, attacksInTraining: 0 }).train;
    expect(at(4)).toEqual(at(4));
    expect(at(4)).not.toEqual(at(5));
  });

  test("of a table that is all attacks is refused, with the labels that were found", () => {
    const labels = {
      isAttack: new Uint8Array(5).fill(1),
      attackTypes: { names: ["usual", "dos"], codes: Float32Array.of(0, 0, 0, 1, 1) },
    };
    expect(() => splitRows(allRows(5), labels, { seed: 1 })).toThrow(
      expect.objectContaining({
        code: "LABELS_MISSING",
        message: expect.stringContaining("(kinds: usual, dos)"),
      }),
    );
  });

  test("without enough attacks for those in training is refused", () => {
    const labels = { isAttack: Uint8Array.from({ length: 1000 }, (_, row) => (row < 990 ? 0 : 1)) };
    expect(() => splitRows(allRows(1000), labels, { seed: 1, attacksInTraining: 0.2 })).toThrow(
      expect.objectContaining({
        code: "TOO_FEW_FLOWS",
        message: expect.stringContaining("needs 198 attacks"),
      }),
    );
  });
});

describe("a split whose test part is given", () => {
  const parts = fc
    .tuple(
      fc.array(fc.constantFrom(0, 0, 0, 1), { minLength: 1, maxLength: 300 }),
      fc.array(fc.constantFrom(0, 1), { maxLength: 100 }),
    )
    .map(([fit, tested]) => ({
      fitRows: allRows(fit.length),
      testRows: allRows(tested.length).map((row) => fit.length + row),
      labels: { isAttack: Uint8Array.from([0, ...fit.slice(1), ...tested]) },
    }));

  test("tests all of the test rows, has no row twice, and puts every normal fit row to use", () => {
    fc.assert(
      fc.property(
        parts,
        fc.integer(),
        fc.double({ min: 0, max: 0.01, noNaN: true }),
        ({ fitRows, testRows, labels }, seed, attacksInTraining) => {
          const split = splitFitAndTest(fitRows, testRows.toReversed(), labels, { seed, attacksInTraining });
          const fitted = [...split.train, ...split.validation, ...split.validationAttacks];
          expect([...split.test]).toEqual([...testRows]);
          expect(new Set(fitted).size).toBe(fitted.length);
          expect(fitted.every((row) => row < fitRows.length)).toBe(true);
          const normals = (rows: Iterable<number>): number =>
            [...rows].filter((row) => labels.isAttack[row] === 0).length;
          expect(normals(split.train) + normals(split.validation)).toBe(normals(fitRows));
          expect(split.train.length > 0 || normals(fitRows) === 0).toBe(true);
          expect([normals(split.validationAttacks), normals(split.validation)]).toEqual([
            0,
            split.validation.length,
          ]);
        },
      ),
    );
  });

  test("has the attacks in training that were asked for, to the flow", () => {
    const labels = { isAttack: Uint8Array.from({ length: 3000 }, (_, row) => (row < 2000 ? 0 : 1)) };
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.2, noNaN: true }), fc.integer(), (attacksInTraining, seed) => {
        const fit = splitFitAndTest(allRows(3000), Uint32Array.of(), labels, { seed, attacksInTraining });
        const random = splitRows(allRows(3000), labels, { seed, attacksInTraining });
        for (const { train } of [fit, random]) {
          const attacks = train.filter((row) => labels.isAttack[row] === 1).length;
          expect(Math.abs(attacks - attacksInTraining * train.length)).toBeLessThan(1);
        }
      }),
    );
  });

  test("depends on the seed and on nothing else, and needs no labels", () => {
    const at = (seed: number): Uint32Array =>
      splitFitAndTest(allRows(300), Uint32Array.of(300, 301), undefined, { seed }).train;
    expect(at(4)).toEqual(at(4));
    expect(at(4)).not.toEqual(at(5));
    expect(at(4)).toHaveLength(270);
  });

  test("is refused with a share of attacks in training out of range, whoever splits", () => {
    const labels = { isAttack: Uint8Array.of(0, 0, 0, 1) };
    for (const attacksInTraining of [-0.1, 0.21, Number.NaN]) {
      const refusal = expect.objectContaining({ code: "OPTION_RANGE" });
      expect(() => splitRows(allRows(4), labels, { seed: 1, attacksInTraining })).toThrow(refusal);
      expect(() => splitFitAndTest(allRows(4), allRows(0), labels, { seed: 1, attacksInTraining })).toThrow(
        refusal,
      );
    }
  });
});

describe("a subset", () => {
  const labels = {
    isAttack: Uint8Array.from({ length: 1000 }, (_, row) => (row % 100 === 0 ? 1 : 0)),
    attackTypes: {
      names: ["a", "b", "rare"],
      codes: Float32Array.from({ length: 1000 }, (_, row) => (row === 500 ? 2 : row % 2)),
    },
  };

  test("draws the same share of every kind, at least one of each, in row order", () => {
    const rows = stratifiedSubset(1000, labels, 0.1, 1);
    const kinds = [...rows].map((row) => labels.attackTypes.codes[row]);
    expect([0, 1, 2].map((kind) => kinds.filter((code) => code === kind).length)).toEqual([50, 50, 1]);
    expect([...rows]).toEqual([...new Set(rows)].toSorted((a, b) => a - b));
  });

  test("takes a number above 1 as a number of flows, and never more than there are", () => {
    expect(stratifiedSubset(1000, undefined, 250, 1)).toHaveLength(250);
    expect(stratifiedSubset(1000, undefined, 5000, 1)).toHaveLength(1000);
    expect(stratifiedSubset(1000, undefined, 1, 1)).toEqual(allRows(1000));
    for (const size of [0, -1, Number.NaN]) {
      expect(() => stratifiedSubset(10, undefined, size, 1)).toThrow(
        expect.objectContaining({ code: "OPTION_RANGE" }),
      );
    }
  });
});

describe("labels", () => {
  const coding = {
    kind: "category",
    name: "l",
    valueType: "text",
    vocabulary: ["BENIGN", "dos", "normal"],
  } as const;

  test("come from the kind of traffic, where benign and the like are normal", () => {
    const labels = readLabels({ attackType: { coding, codes: Float32Array.of(0, 1, 2, Number.NaN, 1) } });
    expect(labels?.isAttack).toEqual(Uint8Array.of(0, 1, 0, 0, 1));
    expect(labels?.attackTypes?.names).toEqual(coding.vocabulary);
  });

  test("come from the binary column where there is one", () => {
    const attackType = { coding, codes: Float32Array.of(1, 1, 1) };
    expect(readLabels({ attackType, binary: Float32Array.of(0, 1, Number.NaN) })?.isAttack).toEqual(
      Uint8Array.of(0, 1, 0),
    );
  });

  test("come from kinds that patterns name, whatever numbers stand beside them, and keep the patterns", () => {
    const attackType = { coding, codes: Float32Array.of(0, 1, 2, Number.NaN) };
    const labels = readLabels({ attackType, binary: Float32Array.of(1, 0, 1, 1) }, ["d?s"]);
    expect(labels?.isAttack).toEqual(Uint8Array.of(1, 0, 1, 0));
    expect(labels?.normal).toEqual(["d?s"]);
    const other = readLabels({ attackType: { coding, codes: Float32Array.of(1) } }, ["d?s"]);
    expect(labels && other && joinLabels(labels, other).normal).toEqual(["d?s"]);
  });

  test("of two tables are joined by the names of their kinds", () => {
    const first = {
      isAttack: Uint8Array.of(0, 1),
      attackTypes: { names: ["normal", "dos"], codes: Float32Array.of(0, 1) },
    };
    const second = {
      isAttack: Uint8Array.of(1, 1, 0, 1),
      attackTypes: { names: ["dos", "new", "normal"], codes: Float32Array.of(0, 1, 2, Number.NaN) },
    };
    expect(joinLabels(first, second)).toEqual({
      isAttack: Uint8Array.of(0, 1, 1, 1, 0, 1),
      attackTypes: { names: ["normal", "dos", "new"], codes: Float32Array.of(0, 1, 1, 2, 0, Number.NaN) },
    });
    expect(joinLabels({ isAttack: Uint8Array.of(1) }, first).attackTypes?.codes).toEqual(
      Float32Array.of(Number.NaN, 0, 1),
    );
  });

  test("are none when a label column is empty", () => {
    const empty = Float32Array.of(Number.NaN, Number.NaN);
    expect(readLabels({ attackType: { coding, codes: empty }, binary: empty })).toBeUndefined();
    expect(readLabels({})).toBeUndefined();
  });
});
