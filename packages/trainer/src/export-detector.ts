import {
  addPreprocessing,
  COLUMN_ERROR_OUTPUT,
  type DetectorMetadata,
  encodeDetectorMetadata,
  encodeModel,
  FLOWS_INPUT,
  featureToColumnMatrix,
  GraphBuilder,
  RECONSTRUCTION_VALUE,
  SCORE_OUTPUT,
} from "@oddflow/onnx";
import { featureWidth, type PreprocessingSpec } from "@oddflow/preprocessing";
import { addAutoencoder } from "./autoencoder-graph.ts";
import type { ScoreRule } from "./detector.ts";
import type { NetworkWeights } from "./network.ts";

/** The operator set of model files: old enough for every onnxruntime since 2022. */
const OPSET = 17;

/**
 * The bytes of a model file: preprocessing, network, error per column and score in one graph, and the spec, the
 * thresholds and the training record in its metadata. The score is the mean over the columns of `column_error`.
 */
export function exportDetector(
  weights: NetworkWeights,
  rule: ScoreRule,
  metadata: DetectorMetadata,
): Uint8Array {
  return encodeModel({
    graph: detectorGraph(weights, rule, metadata.spec).build(),
    opset: OPSET,
    producer: "oddflow",
    metadata: encodeDetectorMetadata(metadata),
  });
}

function detectorGraph(weights: NetworkWeights, rule: ScoreRule, spec: PreprocessingSpec): GraphBuilder {
  const columns = spec.columns.length;
  const graph = new GraphBuilder("oddflow");
  const flows = graph.input(FLOWS_INPUT, "float32", ["batch", columns]);
  const features = addPreprocessing(graph, spec, flows);
  const difference = graph.node("Sub", [
    addAutoencoder(graph, weights, features, RECONSTRUCTION_VALUE),
    features,
  ]);
  const squares = graph.node("Mul", [difference, difference]);
  const widths = spec.columns.map(featureWidth);
  const sums = widths.every((width) => width === 1) ? squares : addColumnSums(graph, spec, squares);
  const divisors = rule.kind === "relative-error" ? rule.usual : widths;
  const divided = graph.node("Mul", [sums, graph.floats(divisors.map((divisor) => 1 / divisor))]);
  if (rule.kind === "relative-error") {
    graph.node("Log", [graph.node("Add", [divided, graph.scalar(1)])], {}, COLUMN_ERROR_OUTPUT);
  } else {
    graph.node("Identity", [divided], {}, COLUMN_ERROR_OUTPUT);
  }
  const mean = graph.floats(new Array<number>(columns).fill(1 / columns), [columns, 1]);
  const score = graph.node("MatMul", [COLUMN_ERROR_OUTPUT, mean]);
  graph.node("Squeeze", [score, graph.integers([1])], {}, SCORE_OUTPUT);
  graph.output(SCORE_OUTPUT, "float32", ["batch"]);
  graph.output(COLUMN_ERROR_OUTPUT, "float32", ["batch", columns]);
  return graph;
}

function addColumnSums(graph: GraphBuilder, spec: PreprocessingSpec, values: string): string {
  const columns = spec.columns.length;
  const matrix = featureToColumnMatrix(spec);
  return graph.node("MatMul", [values, graph.floats(matrix, [matrix.length / columns, columns])]);
}
