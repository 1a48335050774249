import { readFileSync } from "node:fs";
import { type DetectorMetadata, encodeDetector, parseDetectorMetadata } from "@oddflow/detector";
import { GraphBuilder, readModelSummary } from "@oddflow/onnx";
import { MODEL } from "./run-cli.ts";

/** What the shipped model says of itself. */
export const metadata: DetectorMetadata = parseDetectorMetadata(readModelSummary(readFileSync(MODEL)));

/**
 * The bytes of a model that gives every flow the same score.
 * @param columns how many it has, the first ones of those of `of`; all where it is absent
 */
export function constantModel(score: number, columns?: number, of: DetectorMetadata = metadata): Uint8Array {
  const { spec, thresholds, training } = of;
  const kept = spec.columns.slice(0, columns);
  const graph = new GraphBuilder("g");
  const flows = graph.input("flows", "float32", ["batch", kept.length]);
  const isValue = graph.node("LessOrEqual", [flows, graph.scalar(0)]);
  graph.node("Where", [isValue, graph.scalar(score), graph.scalar(score)], {}, "column_error");
  const first = graph.floats(
    kept.map((_, k) => Number(k === 0)),
    [kept.length, 1],
  );
  graph.node("Squeeze", [graph.node("MatMul", ["column_error", first]), graph.integers([1])], {}, "score");
  graph.output("score", "float32", ["batch"]);
  graph.output("column_error", "float32", ["batch", kept.length]);
  const { columnErrors: _, ...others } = thresholds;
  return encodeDetector(graph.build(), {
    spec: { ...spec, columns: kept },
    thresholds: others,
    training,
  });
}
