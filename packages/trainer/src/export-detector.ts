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
import { addAutoencoder } from "./autoencoder-graph.ts";
import { addColumnErrors, type ErrorView } from "./error-view.ts";
import type { NetworkWeights } from "./network.ts";

/**
 * Where a spec sets its features no limit, they and what the network makes of them are kept within this: far beyond any value
 * that is usual, and near enough for squares and sums of them to stay finite. Not a number is no score.
 */
const FARTHEST = 1e9;

/** A trained network and what it contributes to the score. */
export interface DetectorNetwork {
  readonly weights: NetworkWeights;
  readonly view: ErrorView;
}

/**
 * The bytes of a model file: preprocessing, networks, error per column and score in one graph, and the spec, the
 * thresholds and the training record in its metadata. `column_error` is what all networks' views come to (`addColumnErrors`), the
 * score the mean over the columns of `column_error`. All networks see the same features; the first one says what was expected of a
 * flow.
 */
export function exportDetector(networks: readonly DetectorNetwork[], metadata: DetectorMetadata): Uint8Array {
  return encodeDetector(detectorGraph(networks, metadata.spec).build(), metadata);
}

function detectorGraph(networks: readonly DetectorNetwork[], spec: PreprocessingSpec): GraphBuilder {
  const columns = spec.columns.length;
  const graph = new GraphBuilder("oddflow");
  const flows = graph.input(FLOWS_INPUT, "float32", ["batch", columns]);
  const features = addFarthest(graph, spec, addPreprocessing(graph, spec, flows));
  const seen = networks.map(({ weights, view }, i) => {
    const name = i === 0 ? RECONSTRUCTION_VALUE : undefined;
    const difference = graph.node("Sub", [addAutoencoder(graph, weights, features, name), features]);
    return { view, residuals: addFarthest(graph, spec, difference) };
  });
  addColumnErrors(graph, spec, seen, COLUMN_ERROR_OUTPUT);
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

function addFarthest(graph: GraphBuilder, { featureLimit }: PreprocessingSpec, values: string): string {
  if (featureLimit !== undefined) return values;
  return graph.node("Clip", [values, graph.scalar(-FARTHEST), graph.scalar(FARTHEST)]);
}
