import { addPreprocessing, encodeModel, featureToColumnMatrix, GraphBuilder } from "@oddflow/onnx";
import {
  featureCount,
  fitPreprocessing,
  type PreprocessingSpec,
  transformFlows,
} from "@oddflow/preprocessing";
import fc from "fast-check";
import * as ort from "onnxruntime-node";
import { expect, test } from "vitest";

async function runGraph(spec: PreprocessingSpec, flows: Float32Array): Promise<Float32Array> {
  const graph = new GraphBuilder("preprocessing");
  const columns = spec.columns.length;
  const features = addPreprocessing(graph, spec, graph.input("flows", "float32", ["batch", columns]));
  graph.output(features, "float32", ["batch", featureCount(spec)]);
  const model = encodeModel({ graph: graph.build(), opset: 17, producer: "test", metadata: new Map() });
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ["cpu"],
    intraOpNumThreads: 1,
  });
  const outputs = await session.run({
    flows: new ort.Tensor("float32", flows, [flows.length / columns, columns]),
  });
  await session.release();
  return outputs[features]?.data as Float32Array;
}

const cell = fc.oneof(
  fc.float({ min: Math.fround(-1e20), max: Math.fround(1e20) }),
  fc.integer({ min: -3, max: 9 }),
  fc.constantFrom(Number.NaN, Infinity, -Infinity),
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
      fc.constantFrom({}, { featureLimit: 2 }, { featureLimit: 5, rareShare: 0.3 }),
      async (rows, transform, encoding, limits) => {
        const columns = [
          { kind: "number", name: "a" },
          { kind: "number", name: "b" },
          { kind: "category", name: "c", valueType: "text", vocabulary: ["x", "y", "z"] },
          { kind: "category", name: "d", valueType: "text", vocabulary: ["x"] },
        ] as const;
        const flows = Float32Array.from(rows.flat());
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
