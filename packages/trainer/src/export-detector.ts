import {
  addPreprocessing,
  COLUMN_ERROR_OUTPUT,
  type DetectorMetadata,
  encodeDetectorMetadata,
  encodeModel,
  FLOWS_INPUT,
  featureToColumnMatrix,
  GraphBuilder,
  SCORE_OUTPUT,
} from "@oddflow/onnx";
import { featureWidth, type PreprocessingSpec } from "@oddflow/preprocessing";
import { addAutoencoder } from "./autoencoder-graph.ts";
import type { NetworkWeights } from "./network.ts";

/** The operator set of model files: old enough for every onnxruntime since 2022. */
const OPSET = 17;

/**
 * The bytes of a model file: preprocessing, network, error per column and score in one graph, and the spec, the
 * thresholds and the training record in its metadata.
 */
export function exportDetector(weights: NetworkWeights, metadata: DetectorMetadata): Uint8Array {
  return encodeModel({
    graph: detectorGraph(weights, metadata.spec).build(),
    opset: OPSET,
    producer: "oddflow",
    metadata: encodeDetectorMetadata(metadata),
  });
}

function detectorGraph(weights: NetworkWeights, spec: PreprocessingSpec): GraphBuilder {
  const columns = spec.columns.length;
  const graph = new GraphBuilder("oddflow");
  const flows = graph.input(FLOWS_INPUT, "float32", ["batch", columns]);
  const features = addPreprocessing(graph, spec, flows);
  const difference = graph.node("Sub", [addAutoencoder(graph, weights, features), features]);
  const expanded = spec.columns.some((column) => featureWidth(column) > 1);
  if (expanded) {
    const squares = graph.node("Mul", [difference, difference]);
    const average = featureToColumnMatrix(spec);
    graph.node(
      "MatMul",
      [squares, graph.floats(average, [average.length / columns, columns])],
      {},
      COLUMN_ERROR_OUTPUT,
    );
  } else {
    graph.node("Mul", [difference, difference], {}, COLUMN_ERROR_OUTPUT);
  }
  const mean = graph.floats(new Array<number>(columns).fill(1 / columns), [columns, 1]);
  const score = graph.node("MatMul", [COLUMN_ERROR_OUTPUT, mean]);
  graph.node("Squeeze", [score, graph.integers([1])], {}, SCORE_OUTPUT);
  graph.output(SCORE_OUTPUT, "float32", ["batch"]);
  graph.output(COLUMN_ERROR_OUTPUT, "float32", ["batch", columns]);
  return graph;
}
