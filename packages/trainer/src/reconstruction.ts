import { addAutoencoder } from "./autoencoder-graph.ts";
import type { NetworkWeights } from "./network.ts";
import { mapRows } from "./row-graph.ts";

/**
 * The network's mean squared error over rows of features (row-major `[rows, features]`), in scoring mode.
 * Written once for all engines, so that the schedule compares like with like.
 */
export async function reconstructionError(
  weights: NetworkWeights,
  features: Float32Array,
  width: number,
): Promise<number> {
  const errors = await mapRows(features, width, 1, (graph, rows) => {
    const difference = graph.node("Sub", [addAutoencoder(graph, weights, rows), rows]);
    return graph.node("ReduceMean", [graph.node("Mul", [difference, difference])], { axes: [1] });
  });
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

/** What the network makes of features less the features themselves, row-major `[rows, features]`, in scoring mode. */
export function residuals(
  weights: NetworkWeights,
  features: Float32Array,
  width: number,
): Promise<Float32Array> {
  return mapRows(features, width, width, (graph, rows) =>
    graph.node("Sub", [addAutoencoder(graph, weights, rows), rows]),
  );
}
