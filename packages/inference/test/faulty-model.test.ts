import { encodeDetector } from "@oddflow/detector";
import * as node from "@oddflow/inference/node";
import * as web from "@oddflow/inference/web";
import { type Graph, GraphBuilder } from "@oddflow/onnx";
import { describe, expect, test } from "vitest";

const metadata = {
  spec: {
    version: 1,
    columns: [
      { kind: "number", name: "a", median: 1, transform: "identity", mean: 0, scale: 1 },
      { kind: "number", name: "b", median: 1, transform: "identity", mean: 0, scale: 1 },
    ],
  },
  thresholds: { heldBack: { flows: 2, probabilities: [0, 1], scores: [0, 1] } },
  training: {},
} as const;

/** A detector whose column errors are the flows' logarithms: of 0 that is -Infinity, of less NaN. */
function logarithms(reconstruction?: (graph: GraphBuilder, flows: string) => void): Graph {
  const graph = new GraphBuilder("g");
  const flows = graph.input("flows", "float32", ["batch", 2]);
  reconstruction?.(graph, flows);
  graph.node("Log", [flows], {}, "column_error");
  const shares = graph.floats([0.5, 0.5], [2, 1]);
  graph.node("Squeeze", [graph.node("MatMul", ["column_error", shares]), graph.integers([1])], {}, "score");
  graph.output("score", "float32", ["batch"]);
  graph.output("column_error", "float32", ["batch", 2]);
  return graph.build();
}

describe.each([
  ["node", (bytes: Uint8Array) => node.createScorer(bytes, { provider: "cpu", threads: 1 })],
  ["web", (bytes: Uint8Array) => web.createScorer(bytes)],
] as const)("%s", (_, open) => {
  test("no score that is no number leaves the scorer: the flow is named and refused", async () => {
    const scorer = await open(encodeDetector(logarithms(), metadata));
    expect((await scorer.score(Float32Array.of(1, 1, 2, 2))).scores).toHaveLength(2);
    for (const [value, found] of [
      [0, "-Infinity"],
      [-1, "NaN"],
    ] as const) {
      for (const row of [0, 17, 700, 2999]) {
        const flows = new Float32Array(6000).fill(1);
        flows[2 * row + 1] = value;
        await expect(scorer.score(flows)).rejects.toMatchObject({
          code: "SCORE_NOT_FINITE",
          row,
          message: expect.stringContaining(`score: flow ${row}: the model gives ${found} as its score`),
        });
        await expect(scorer.score(flows, { firstRow: 1e6 })).rejects.toMatchObject({ row: 1e6 + row });
      }
    }
    await expect(
      scorer.score([
        { a: 1, b: 1 },
        { a: 1, b: -1 },
      ]),
    ).rejects.toMatchObject({
      code: "SCORE_NOT_FINITE",
      row: 1,
    });
    await scorer.close();
  });

  test("a graph that runs and does not give what it should is refused", async () => {
    const ofOne = logarithms((graph, flows) => {
      graph.node("MatMul", [flows, graph.floats([1, 1], [2, 1])], {}, "reconstruction");
    });
    const scorer = await open(encodeDetector(ofOne, metadata));
    await expect(scorer.explain(Float32Array.of(1, 2), { top: 1 })).rejects.toMatchObject({
      code: "MODEL_INVALID",
    });
    expect((await scorer.score(Float32Array.of(1, 1))).scores).toEqual(Float32Array.of(0));
    await scorer.close();
  });

  test("what onnxruntime refuses of a graph is a fault of the model", async () => {
    const mixed = logarithms((graph, flows) => {
      graph.node("Relu", [graph.node("Equal", [flows, flows])], {}, "reconstruction");
    });
    await expect(open(encodeDetector(mixed, metadata))).rejects.toMatchObject({ code: "MODEL_INVALID" });
  });
});
