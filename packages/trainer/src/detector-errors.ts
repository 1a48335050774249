import type { GraphBuilder } from "@oddflow/onnx";
import type { PreprocessingSpec } from "@oddflow/preprocessing";
import { addAutoencoder } from "./autoencoder-graph.ts";
import { addLimited } from "./error-limits.ts";
import { addColumnErrors, type ErrorView } from "./error-view.ts";
import type { NetworkWeights } from "./network.ts";

/** A trained network and what it contributes to the score. */
export interface DetectorNetwork {
  readonly weights: NetworkWeights;
  readonly view: ErrorView;
}

/** What a detector's score is made of. */
export interface DetectorParts {
  /** At least one, all of the same features; the first one says what was expected of a flow. */
  readonly networks: readonly DetectorNetwork[];
  /** One a column, see `errorLimits`; absent where errors count in full. */
  readonly limits?: Float32Array;
}

/** Names for values that others ask for. */
export interface ErrorNames {
  /** The first network's `[batch, features]`. */
  readonly reconstruction: string;
  /** `[batch, columns]`. */
  readonly errors: string;
}

/**
 * Where a spec sets its features no limit, they and what the network makes of them are kept within this: far beyond any value
 * that is usual, and near enough for squares and sums of them to stay finite. Not a number is no score.
 */
const FARTHEST = 1e9;

/** Adds what is odd about each column: features `[batch, features]` to errors `[batch, columns]`. */
export function addDetectorErrors(
  graph: GraphBuilder,
  spec: PreprocessingSpec,
  features: string,
  { networks, limits }: DetectorParts,
  names?: ErrorNames,
): string {
  const near = addFarthest(graph, spec, features);
  const seen = networks.map(({ weights, view }, i) => {
    const name = i === 0 ? names?.reconstruction : undefined;
    const difference = graph.node("Sub", [addAutoencoder(graph, weights, near, name), near]);
    return { view, residuals: addFarthest(graph, spec, difference) };
  });
  if (limits === undefined) return addColumnErrors(graph, spec, seen, names?.errors);
  return addLimited(graph, addColumnErrors(graph, spec, seen), limits, names?.errors);
}

function addFarthest(graph: GraphBuilder, { featureLimit }: PreprocessingSpec, values: string): string {
  if (featureLimit !== undefined) return values;
  return graph.node("Clip", [values, graph.scalar(-FARTHEST), graph.scalar(FARTHEST)]);
}
