import {
  expectedValues,
  featureCount,
  type PreprocessingSpec,
  parsePreprocessingSpec,
  transformFlows,
} from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const vocabulary = ["dns", "http", "ssh"];
const category = { kind: "category", valueType: "text", vocabulary, missingCode: 0 } as const;

function specOf(columns: readonly object[], featureLimit?: number): PreprocessingSpec {
  return parsePreprocessingSpec(
    JSON.stringify({
      version: 1,
      columns,
      ...(featureLimit === undefined ? {} : { featureLimit }),
    }),
  );
}

const number = fc.record({
  kind: fc.constant("number"),
  name: fc.constant("n"),
  median: fc.constant(0),
  transform: fc.constantFrom("identity", "signed-log1p"),
  mean: fc.double({ min: -50, max: 50, noNaN: true }),
  scale: fc.double({ min: 0.01, max: 100, noNaN: true }),
});

describe("expected values are the inverse of the features", () => {
  test("of numbers within the limit, as far as float32 tells them apart", () => {
    fc.assert(
      fc.property(
        fc.array(number, { minLength: 1, maxLength: 4 }),
        fc.array(fc.float({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0.5, max: 20, noNaN: true }),
        (columns, drawn, limit) => {
          const spec = specOf(columns, limit);
          const width = columns.length;
          const flows = Float32Array.from(drawn).subarray(0, drawn.length - (drawn.length % width));
          const features = transformFlows(spec, flows);
          const values = expectedValues(spec, features);
          expect(values).toHaveLength(flows.length);
          values.forEach((value, i) => {
            const flow = flows[i] as number;
            const column = columns[i % width];
            if (column === undefined || Math.abs(features[i] as number) >= Math.fround(limit)) return;
            const isLogarithmic = column.transform === "signed-log1p";
            const transformed = isLogarithmic ? Math.log1p(Math.abs(flow)) : Math.abs(flow);
            const slope = isLogarithmic ? 1 + Math.abs(flow) : 1;
            const spacing = 2 ** -23 * (1 + transformed + Math.abs(column.mean));
            expect(Math.abs(value - flow)).toBeLessThanOrEqual(4 * spacing * slope);
          });
        },
      ),
    );
  });

  test("of a category whose missing values are a value of their own", () => {
    const own = { ...category, missingCode: vocabulary.length + 1 };
    const spec = specOf([{ ...own, name: "a", encoding: "one-hot", mean: 0, scale: 1 }]);
    const flows = Float64Array.of(0, 2, 3, Number.NaN);
    expect(expectedValues(spec, transformFlows(spec, Float32Array.from(flows)))).toEqual(flows);
  });

  test("of categories of either encoding, unseen ones too", () => {
    const spec = specOf([
      { ...category, name: "a", encoding: "one-hot", mean: 0, scale: 1 },
      { ...category, name: "b", encoding: "label", mean: 1.2, scale: 0.7 },
    ]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }))),
        (codes) => {
          const flows = Float32Array.from(codes.flat());
          expect([...expectedValues(spec, transformFlows(spec, flows))]).toEqual([...flows]);
        },
      ),
    );
  });
});

describe("of features that no flow has", () => {
  test("a number beyond the limit counts as the limit", () => {
    const column = { kind: "number", name: "n", median: 0, mean: 10, scale: 2 };
    const spec = specOf([{ ...column, transform: "identity" }], 5);
    expect([...expectedValues(spec, Float32Array.of(7, -1e30, 1))]).toEqual([20, 0, 12]);
    const logarithmic = specOf([{ ...column, mean: 0, transform: "signed-log1p" }], 5);
    const [low, high] = expectedValues(logarithmic, Float32Array.of(-9, 9));
    expect(high).toBeCloseTo(Math.E ** 10 - 1, 6);
    expect(low).toBe(-(high ?? 0));
  });

  test("a category is the highest feature or the nearest code, never a code that is not there", () => {
    const oneHot = specOf([{ ...category, name: "a", encoding: "one-hot", mean: 0, scale: 1 }]);
    const features = Float32Array.of(0.1, 0.6, 0.2, 0, -3, -2, -4, -1.5);
    expect([...expectedValues(oneHot, features)]).toEqual([1, 3]);
    const label = specOf([{ ...category, name: "b", encoding: "label", mean: 1, scale: 1 }]);
    expect([...expectedValues(label, Float32Array.of(0.4, 0.6, -90, 90))]).toEqual([1, 2, 0, 3]);
  });

  test("part of a row is refused", () => {
    const spec = specOf([{ ...category, name: "a", encoding: "one-hot", mean: 0, scale: 1 }]);
    expect(featureCount(spec)).toBe(4);
    expect(() => expectedValues(spec, new Float32Array(6))).toThrow(
      expect.objectContaining({ code: "FLOWS_SHAPE", message: expect.stringContaining("6 values found") }),
    );
  });
});
