import { encodeDetector, encodeDetectorMetadata } from "@oddflow/detector";
import { encodeModel, type Graph, GraphBuilder } from "@oddflow/onnx";

/** The metadata of a detector of two columns. */
export const detector = {
  spec: {
    version: 1,
    columns: [
      { kind: "number", name: "n", median: 1, transform: "identity", mean: 0, scale: 1 },
      { kind: "number", name: "m", median: 1, transform: "identity", mean: 0, scale: 1 },
    ],
  },
  thresholds: { heldBack: { flows: 2, probabilities: [0, 1], scores: [1, 2] }, youden: 1.5 },
  training: { seed: 7 },
} as const;

/** Adds nodes between the flows, `[batch, 2]`, and a value of that shape, whose name is returned. */
export type Body = (graph: GraphBuilder, flows: string) => string;

/** A graph whose column errors are what the body gives, squared, and whose score is their mean. */
export function detectorGraph(body: Body = (_, flows) => flows): Graph {
  const graph = new GraphBuilder("g");
  const value = body(graph, graph.input("flows", "float32", ["batch", 2]));
  graph.node("Mul", [value, value], {}, "column_error");
  const shares = graph.floats([0.5, 0.5], [2, 1]);
  graph.node("Squeeze", [graph.node("MatMul", ["column_error", shares]), graph.integers([1])], {}, "score");
  graph.output("score", "float32", ["batch"]);
  graph.output("column_error", "float32", ["batch", 2]);
  return graph.build();
}

export function smallDetector(body?: Body): Uint8Array {
  return encodeDetector(detectorGraph(body), detector);
}

/** As a release before the digest wrote it. */
export function formerDetector(graph: Graph = detectorGraph()): Uint8Array {
  const metadata = encodeDetectorMetadata(detector).set("oddflow.format", "1");
  return encodeModel({ graph, opset: 17, producer: "oddflow", metadata });
}
