import {
  type ColumnCoding,
  featureCount,
  fitPreprocessing,
  type PreprocessingSpec,
  parsePreprocessingSpec,
  recodeFlows,
  refitScales,
  transformFlows,
} from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import golden from "../../../fixtures/golden/preprocessing.json" with { type: "json" };

const label = { transform: "identity", encoding: "label" } as const;
const oneHot = { transform: "signed-log1p", encoding: "one-hot" } as const;
const asNaN = (value: number | null): number => value ?? Number.NaN;
const firstRows = Uint32Array.from({ length: golden.fitted }, (_, row) => row);
const category: ColumnCoding = {
  kind: "category",
  name: "c",
  valueType: "number",
  vocabulary: ["0", "1", "2", "3", "4"],
};

describe("held against scikit-learn", () => {
  for (const [name, expected] of Object.entries(golden.numbers)) {
    for (const transform of ["identity", "signed-log1p"] as const) {
      test(`number column "${name}", ${transform}`, () => {
        const flows = Float32Array.from(expected.values, asNaN);
        const matrix = { columns: [{ kind: "number", name } as const], flows };
        const spec = fitPreprocessing(matrix, { ...label, transform }, firstRows);
        const want = expected[transform];
        const [column] = spec.columns;
        expect(column).toMatchObject({ kind: "number", name, transform });
        expect(column?.kind === "number" && column.median).toBeCloseTo(want.median, 6);
        expect(column?.mean).toBeCloseTo(want.mean, -Math.log10(Math.abs(want.mean) * 1e-6 + 1e-6));
        expect(Math.abs((column?.scale ?? 0) / want.scale - 1)).toBeLessThan(1e-6);
        const features = transformFlows(spec, flows);
        want.features.forEach((value, row) => {
          expect(Math.abs((features[row] ?? Number.NaN) - value)).toBeLessThan(
            2e-5 * Math.max(1, Math.abs(value)),
          );
        });
      });
    }
  }

  test("a category, label-coded and one-hot, with codes that the fitted rows lack", () => {
    const flows = Float32Array.from(golden.category.codes);
    const matrix = { columns: [category], flows };
    const labelled = fitPreprocessing(matrix, label, firstRows).columns[0];
    expect(labelled?.mean).toBeCloseTo(golden.category.labelMean, 9);
    expect(labelled?.scale).toBeCloseTo(golden.category.labelScale, 9);
    const spec = fitPreprocessing(matrix, oneHot, firstRows);
    const recoded = flows.slice();
    recodeFlows(recoded, matrix.columns, spec.columns);
    const features = transformFlows(spec, recoded);
    const width = featureCount(spec);
    expect(width).toBe(golden.category.known.length + 1);
    golden.category.oneHot.forEach((want, row) => {
      const got = [...features.subarray(row * width, (row + 1) * width)];
      expect(got.slice(0, -1)).toEqual(want);
      expect(got.at(-1)).toBe(want.includes(1) ? 0 : 1);
    });
  });
});

test("a constant column, a column without values and infinities never divide by zero", () => {
  const columns = ["constant", "empty", "infinite"].map((name) => ({ kind: "number", name }) as const);
  const flows = Float32Array.of(0.1, Number.NaN, Infinity, 0.1, Number.NaN, -Infinity, 0.1, Number.NaN, 4);
  for (const options of [label, oneHot]) {
    const spec = fitPreprocessing({ columns, flows }, options);
    expect(spec.columns.map(({ scale }) => scale)).toEqual([1, 1, 1]);
    for (const feature of transformFlows(spec, flows)) expect(Math.abs(feature)).toBeLessThan(1e-6);
  }
});

test("a missing label-encoded category stands for the most frequent one", () => {
  const spec = fitPreprocessing({ columns: [category], flows: Float32Array.of(3, 1, 3, Number.NaN) }, label);
  expect(spec.columns[0]).toMatchObject({ vocabulary: ["1", "3"], missingCode: 1 });
});

test("a missing one-hot category is a value of its own, or the most frequent one where it is rare", () => {
  const missing = Number.NaN;
  const fit = (flows: number[], rareShare: number): PreprocessingSpec =>
    fitPreprocessing({ columns: [category], flows: Float32Array.from(flows) }, { ...oneHot, rareShare });
  const common = fit([3, 3, 1, 1, missing, missing], 0.1);
  expect(common.columns[0]).toMatchObject({ vocabulary: ["1", "3"], missingCode: 3 });
  expect(parsePreprocessingSpec(JSON.stringify(common))).toEqual(common);
  expect([...transformFlows(common, Float32Array.of(0, 1, 2, missing, Infinity))]).toEqual(
    [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
      [0, 0, 0, 1],
    ].flat(),
  );
  const rare = fit([3, 3, 1, 1, missing], 0.1);
  expect([...transformFlows(rare, Float32Array.of(2, missing))]).toEqual([0, 0, 1, 1, 0, 0]);
});

test("refitted scales standardise other flows, and leave vocabularies and stand-ins as they were", () => {
  const columns = [{ kind: "number", name: "n" } as const, category];
  const flows = Float32Array.of(1, 0, 2, 1, Number.NaN, 1, 60, 3);
  const spec = fitPreprocessing({ columns, flows }, { ...label, transform: "signed-log1p" });
  const core = flows.subarray(0, 6);
  const refitted = refitScales(spec, core);
  const features = transformFlows(refitted, core);
  for (const k of [0, 1]) {
    const own = [0, 1, 2].map((row) => features[row * 2 + k] ?? Number.NaN);
    expect(own.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 5);
    expect(own.reduce((sum, value) => sum + value ** 2, 0)).toBeCloseTo(3, 5);
  }
  const { mean: _, scale: __, ...kept } = refitted.columns[0] ?? { mean: 0, scale: 0 };
  expect(spec.columns[0]).toMatchObject(kept);
  expect(() => refitScales(spec, new Float32Array())).toThrow(
    expect.objectContaining({ code: "TOO_FEW_FLOWS" }),
  );
});

test("rare categories are coded with the unseen ones, a single row's always", () => {
  const flows = Float32Array.from([...new Array<number>(96).fill(0), 1, 2, 2, 3]);
  const vocabulary = (rareShare: number): readonly string[] => {
    const [column] = fitPreprocessing({ columns: [category], flows }, { ...oneHot, rareShare }).columns;
    return column?.kind === "category" ? column.vocabulary : [];
  };
  expect(vocabulary(0.001)).toEqual(["0", "2"]);
  expect(vocabulary(0.03)).toEqual(["0"]);
  const spec = fitPreprocessing({ columns: [category], flows }, { ...label, rareShare: 0.001 });
  expect(spec.columns[0]?.mean).toBeCloseTo((2 * 1 + 2 * 2) / 100, 9);
});

test("features are held within the limit", () => {
  const columns = [{ kind: "number", name: "n" } as const];
  const flows = Float32Array.from({ length: 100 }, (_, i) => i % 2);
  const spec = fitPreprocessing({ columns, flows }, { ...label, featureLimit: 5 });
  expect([...transformFlows(spec, Float32Array.of(1, 1e9, -1e30, 3))]).toEqual([1, 5, -5, 5]);
});

test("recoding goes by value and leaves missing values missing", () => {
  const to: ColumnCoding = { ...category, vocabulary: ["3", "0"] };
  const flows = Float32Array.of(0, 3, 1, Number.NaN, 5);
  recodeFlows(flows, [category], [to]);
  expect(flows).toEqual(Float32Array.of(1, 0, 2, Number.NaN, 2));
});

test("every fitted spec survives JSON, and its features are finite and standardised on the fitted rows", () => {
  const cell = fc.oneof(fc.float(), fc.constant(Number.NaN), fc.integer({ min: -5, max: 5 }));
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1, maxLength: 60 }), fc.boolean(), (values, logarithm) => {
      const columns = [{ kind: "number", name: "n" } as const];
      const options = {
        ...label,
        transform: logarithm ? "signed-log1p" : "identity",
        featureLimit: 1e9,
      } as const;
      const flows = Float32Array.from(values, (value) => (Math.abs(value) > 1e18 ? 0 : value));
      const spec = fitPreprocessing({ columns, flows }, options);
      expect(parsePreprocessingSpec(JSON.stringify(spec))).toEqual(spec);
      const features = transformFlows(spec, flows);
      const mean = features.reduce((sum, value) => sum + value, 0) / features.length;
      const square = features.reduce((sum, value) => sum + value * value, 0) / features.length;
      expect(Math.abs(mean)).toBeLessThan(1e-3);
      expect(square < 1e-3 || Math.abs(square - 1) < 1e-3).toBe(true);
    }),
  );
});

describe("a spec that cannot be used is refused", () => {
  const good = fitPreprocessing({ columns: [category], flows: Float32Array.of(0, 1) }, label);
  const broken = (change: object): string =>
    JSON.stringify({ ...good, columns: [{ ...good.columns[0], ...change }] });
  const cases: [string, string, string][] = [
    ["text that is no JSON", "{", "SPEC_INVALID"],
    ["a list", "[]", "SPEC_INVALID"],
    ["a later version", JSON.stringify({ ...good, version: 4 }), "SPEC_VERSION"],
    ["no column", JSON.stringify({ ...good, columns: [] }), "SPEC_INVALID"],
    ["an unknown kind", broken({ kind: "text" }), "SPEC_INVALID"],
    ["a scale of 0", broken({ scale: 0 }), "SPEC_INVALID"],
    ["a mean that is null", broken({ mean: null }), "SPEC_INVALID"],
    ["a value twice in a vocabulary", broken({ vocabulary: ["a", "a"] }), "SPEC_INVALID"],
    ["a limit of 0", JSON.stringify({ ...good, featureLimit: 0 }), "SPEC_INVALID"],
    ["a code beyond the vocabulary", broken({ missingCode: 3 }), "SPEC_INVALID"],
  ];
  test.each(cases)("%s", (_, json, code) => {
    expect(() => parsePreprocessingSpec(json)).toThrow(expect.objectContaining({ code }));
  });
});
