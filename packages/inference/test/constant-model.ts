import { addPreprocessing, encodeDetector, featureToColumnMatrix, type Thresholds } from "@oddflow/detector";
import { GraphBuilder } from "@oddflow/onnx";
import { featureCount, type PreprocessingSpec } from "@oddflow/preprocessing";

const NO_SCORES = { flows: 2, probabilities: [0, 1], scores: [0, 1] };

/**
 * A detector that expects the same of every flow, whatever it is: the given features, one a feature of the spec, under the
 * given name. Its score is the mean over columns of their squared errors.
 */
export function constantModel(
  spec: PreprocessingSpec,
  expected: ArrayLike<number>,
  thresholds: Thresholds = { heldBack: NO_SCORES },
  name = "reconstruction",
): Uint8Array {
  const columns = spec.columns.length;
  const graph = new GraphBuilder("constant");
  const features = addPreprocessing(graph, spec, graph.input("flows", "float32", ["batch", columns]));
  const nothing = graph.node("Mul", [features, graph.scalar(0)]);
  const reconstruction = graph.node("Add", [nothing, graph.floats(expected)], {}, name);
  const difference = graph.node("Sub", [reconstruction, features]);
  const squares = graph.node("Mul", [difference, difference]);
  const sums = graph.floats(featureToColumnMatrix(spec), [featureCount(spec), columns]);
  graph.node("MatMul", [squares, sums], {}, "column_error");
  const mean = graph.floats(new Array<number>(columns).fill(1 / columns), [columns, 1]);
  graph.node("Squeeze", [graph.node("MatMul", ["column_error", mean]), graph.integers([1])], {}, "score");
  graph.output("score", "float32", ["batch"]);
  graph.output("column_error", "float32", ["batch", columns]);
  return encodeDetector(graph.build(), { spec, thresholds, training: {} });
}
