import {
  addPreprocessing,
  COLUMN_ERROR_OUTPUT,
  type DetectorMetadata,
  encodeDetector,
  FLOWS_INPUT,
  RECONSTRUCTION_VALUE,
  SCORE_OUTPUT,
} from "@oddflow/detector";
import { GraphBuilder } from "@oddflow/onnx";
import type { PreprocessingSpec } from "@oddflow/preprocessing";
import { addDetectorErrors, type DetectorParts } from "./detector-errors.ts";

/**
 * The bytes of a model file: preprocessing, networks, error per column and score in one graph, and the spec, the
 * thresholds and the training record in its metadata. `column_error` is what all networks' views come to (`addDetectorErrors`), the
 * score the mean over the columns of `column_error`.
 */
export function exportDetector(parts: DetectorParts, metadata: DetectorMetadata): Uint8Array {
  return encodeDetector(detectorGraph(parts, metadata.spec).build(), metadata);
}

function detectorGraph(parts: DetectorParts, spec: PreprocessingSpec): GraphBuilder {
  const columns = spec.columns.length;
  const graph = new GraphBuilder("oddflow");
  const features = addPreprocessing(graph, spec, graph.input(FLOWS_INPUT, "float32", ["batch", columns]));
  addDetectorErrors(graph, spec, features, parts, {
    reconstruction: RECONSTRUCTION_VALUE,
    errors: COLUMN_ERROR_OUTPUT,
  });
  addMean(graph, columns);
  graph.output(SCORE_OUTPUT, "float32", ["batch"]);
  graph.output(COLUMN_ERROR_OUTPUT, "float32", ["batch", columns]);
  return graph;
}

/**
 * Adds the score, the mean of the columns' errors. A product and no ReduceMean: that one sums a row in an order that hangs on
 * where the row lies in memory, so a flow's last bit would depend on its place in the batch.
 */
function addMean(graph: GraphBuilder, columns: number): void {
  const shares = graph.floats(new Array<number>(columns).fill(1 / columns), [columns, 1]);
  const means = graph.node("MatMul", [COLUMN_ERROR_OUTPUT, shares]);
  graph.node("Squeeze", [means, graph.integers([1])], {}, SCORE_OUTPUT);
}
