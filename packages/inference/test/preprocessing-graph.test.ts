import { addPreprocessing, featureToColumnMatrix } from "@oddflow/detector";
import { openNodeSession, Tensor } from "@oddflow/inference/node";
import { encodeModel, GraphBuilder } from "@oddflow/onnx";
import {
  featureCount,
  fitPreprocessing,
  type PreprocessingSpec,
  transformFlows,
} from "@oddflow/preprocessing";
import fc from "fast-check";
import { expect, test } from "vitest";

async function runGraph(spec: PreprocessingSpec, flows: Float32Array): Promise<Float32Array> {
  const graph = new GraphBuilder("preprocessing");
  const columns = spec.columns.length;
  const features = addPreprocessing(graph, spec, graph.input("flows", "float32", ["batch", columns]));
  graph.output(features, "float32", ["batch", featureCount(spec)]);
  const model = encodeModel({ graph: graph.build(), opset: 17, producer: "test", metadata: new Map() });
  const session = await openNodeSession(model, "cpu", 1);
  const outputs = await session.run({
    flows: new Tensor("float32", flows, [flows.length / columns, columns]),
  });
  await session.release();
  return outputs[features]?.data as Float32Array;
}

const cell = fc.oneof(
  fc.float({ min: Math.fround(-1e20), max: Math.fround(1e20) }),
  fc.integer({ min: -3, max: 9 }),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 1e-40, -1e-31, -1e-5, 1e39),
);

test("the graph gives TypeScript's features, for any flows, transform and encoding", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(cell, cell, fc.constantFrom(0, 1, 2, 3, Number.NaN), fc.constantFrom(0, 1, Number.NaN)),
        {
          minLength: 1,
          maxLength: 20,
        },
      ),
      fc.constantFrom("identity" as const, "signed-log1p" as const),
      fc.constantFrom("label" as const, "one-hot" as const),
      fc.constantFrom({}, { featureLimit: 0.5 }, { featureLimit: 2 }, { featureLimit: 5, rareShare: 0.3 }),
      async (rows, transform, encoding, limits) => {
        const columns = [
          { kind: "number", name: "a" },
          { kind: "category", name: "c", valueType: "text", vocabulary: ["x", "y", "z"] },
          { kind: "number", name: "b" },
          { kind: "category", name: "d", valueType: "text", vocabulary: ["x"] },
        ] as const;
        const flows = Float32Array.from(rows.flatMap(([a, b, c, d]) => [a, c, b, d]));
        const spec = fitPreprocessing({ columns, flows }, { transform, encoding, ...limits });
        const expected = transformFlows(spec, flows);
        const got = await runGraph(spec, flows);
        expect(got).toHaveLength(expected.length);
        expected.forEach((value, i) => {
          expect(Math.abs((got[i] ?? Number.NaN) - value)).toBeLessThanOrEqual(
            1e-5 * Math.max(1, Math.abs(value)),
          );
        });
      },
    ),
    { numRuns: 60 },
  );
});

test("features belong to their column", () => {
  const columns = [
    { kind: "category", name: "c", valueType: "text", vocabulary: ["x", "y", "z"] },
    { kind: "number", name: "n" },
  ] as const;
  const spec = fitPreprocessing(
    { columns, flows: Float32Array.of(0, 1, 1, 2, 2, 3) },
    { transform: "identity", encoding: "one-hot" },
  );
  expect([...featureToColumnMatrix(spec)]).toEqual([1, 0, 1, 0, 1, 0, 1, 0, 0, 1]);
});

test("numbers, codes and categories of one spec, each in its place", async () => {
  const number = { kind: "number", median: 3, mean: 1, scale: 2 } as const;
  const category = { kind: "category", valueType: "text", mean: 1, scale: 0.5 } as const;
  const spec: PreprocessingSpec = {
    version: 1,
    columns: [
      { ...category, name: "label", vocabulary: ["x", "y"], missingCode: 1, encoding: "label" },
      { ...number, name: "log", transform: "signed-log1p" },
      { ...category, name: "one-hot", vocabulary: ["x", "y"], missingCode: 3, encoding: "one-hot" },
      { ...number, name: "plain", transform: "identity" },
      { ...category, name: "one value", vocabulary: ["x"], missingCode: 0, encoding: "one-hot" },
    ],
  };
  const missing = Number.NaN;
  const flows = Float32Array.of(2, -7, 0, 5, 1, missing, missing, missing, missing, missing, 0, 0, 2, 3, 7);
  const features = await runGraph(spec, flows);
  const log = (Math.log(4) - 1) / 2;
  const wanted = [
    [2, (-Math.log(8) - 1) / 2, 1, 0, 0, 0, 2, 0, 1],
    [0, log, 0, 0, 0, 1, 1, 1, 0],
    [-2, -0.5, 0, 0, 1, 0, 1, 0, 0],
  ].flat();
  expect(features).toHaveLength(wanted.length);
  wanted.forEach((value, i) => {
    expect(features[i]).toBeCloseTo(value, 6);
  });
});
