import {
  addCalendar,
  addPreprocessing,
  COLUMN_ERROR_OUTPUT,
  type DetectorMetadata,
  encodeDetector,
  FLOWS_INPUT,
  RECONSTRUCTION_VALUE,
  SCORE_OUTPUT,
  type ScoreCalendar,
} from "@oddflow/detector";
import { GraphBuilder } from "@oddflow/onnx";
import { hourColumn, type PreprocessingSpec } from "@oddflow/preprocessing";
import { addDetectorErrors, type DetectorParts } from "./detector-errors.ts";

/**
 * The bytes of a model file: preprocessing, networks, error per column and score in one graph, and the spec, the
 * thresholds and the training record in its metadata. `column_error` is what all networks' views come to (`addDetectorErrors`), the
 * score the mean over the columns of `column_error`, held against `calendar` where there is one and the spec has the hour of the week.
 */
export function exportDetector(
  parts: DetectorParts,
  metadata: DetectorMetadata,
  calendar?: ScoreCalendar,
): Uint8Array {
  return encodeDetector(detectorGraph(parts, metadata.spec, calendar).build(), metadata);
}

function detectorGraph(
  parts: DetectorParts,
  spec: PreprocessingSpec,
  calendar: ScoreCalendar | undefined,
): GraphBuilder {
  const columns = spec.columns.length;
  const graph = new GraphBuilder("oddflow");
  const features = addPreprocessing(graph, spec, graph.input(FLOWS_INPUT, "float32", ["batch", columns]));
  addDetectorErrors(graph, spec, features, parts, {
    reconstruction: RECONSTRUCTION_VALUE,
    errors: COLUMN_ERROR_OUTPUT,
  });
  const mean = addMean(graph, columns);
  const hour = hourColumn(spec);
  if (calendar === undefined || hour === undefined) addSqueezed(graph, mean, SCORE_OUTPUT);
  else addCalendar(graph, calendar, addSqueezed(graph, mean), addColumn(graph, hour), SCORE_OUTPUT);
  graph.output(SCORE_OUTPUT, "float32", ["batch"]);
  graph.output(COLUMN_ERROR_OUTPUT, "float32", ["batch", columns]);
  return graph;
}

/** `[batch, 1]` to `[batch]`. */
function addSqueezed(graph: GraphBuilder, values: string, name?: string): string {
  return graph.node("Squeeze", [values, graph.integers([1])], {}, name);
}

/** One of the flows' columns as it is, `[batch]`. */
function addColumn(graph: GraphBuilder, place: number): string {
  const columns = graph.node("Transpose", [FLOWS_INPUT], { perm: [1, 0] });
  const column = graph.node("Gather", [columns, graph.integers([place])], { axis: 0 });
  return addSqueezed(graph, graph.node("Transpose", [column], { perm: [1, 0] }));
}

/**
 * Adds the mean of the columns' errors. A product and no ReduceMean: that one sums a row in an order that hangs on
 * where the row lies in memory, so a flow's last bit would depend on its place in the batch.
 * Its name is returned, `[batch, 1]`.
 */
function addMean(graph: GraphBuilder, columns: number): string {
  const shares = graph.floats(new Array<number>(columns).fill(1 / columns), [columns, 1]);
  return graph.node("MatMul", [COLUMN_ERROR_OUTPUT, shares]);
}
