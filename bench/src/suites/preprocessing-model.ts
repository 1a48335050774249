import { addPreprocessing, encodeDetector } from "@oddflow/detector";
import { GraphBuilder } from "@oddflow/onnx";
import { featureCount, type PreprocessingSpec } from "@oddflow/preprocessing";

/** A model that is preprocessing and nothing else: a flow's score is the mean of its features. */
export function preprocessingModel(spec: PreprocessingSpec): Uint8Array {
  const columns = spec.columns.length;
  const width = featureCount(spec);
  const graph = new GraphBuilder("preprocessing");
  const flows = graph.input("flows", "float32", ["batch", columns]);
  const features = addPreprocessing(graph, spec, flows);
  const mean = graph.floats(new Array<number>(width).fill(1 / width), [width, 1]);
  graph.node("Squeeze", [graph.node("MatMul", [features, mean]), graph.integers([1])], {}, "score");
  graph.node("Identity", [flows], {}, "column_error");
  graph.output("score", "float32", ["batch"]);
  graph.output("column_error", "float32", ["batch", columns]);
  const heldBack = { flows: 2, probabilities: [0, 1], scores: [0, 1] };
  return encodeDetector(graph.build(), { spec, thresholds: { heldBack }, training: {} });
}
