import type { GraphBuilder } from "@oddflow/onnx";

/** The share of usual flows whose error in a column stays within its limit. */
const WITHIN_LIMIT = 0.995;

/** What an error beyond its column's limit counts, of what it would count below. */
const COUNTED_BEYOND = 0.25;

/**
 * For each column the error that one usual flow in 200 exceeds. `errors` is row-major `[rows, columns]`, of usual flows, at least one.
 *
 * A usual flow with one rare value, and an attack that is somewhat off in many columns, can have the same mean. What goes beyond the
 * limit counts for less, as in Huber's loss (Huber 1964, Robust estimation of a location parameter), so that the second is odder.
 */
export function errorLimits(errors: Float32Array, columns: number): Float32Array {
  const rows = errors.length / columns;
  const one = new Float32Array(rows);
  return Float32Array.from({ length: columns }, (_, column) => {
    for (let row = 0; row < rows; row++) one[row] = errors[row * columns + column] as number;
    return one.sort()[Math.floor(WITHIN_LIMIT * (rows - 1))] as number;
  });
}

/** Adds columns' errors whose part beyond the limits counts less: `[batch, columns]` to `[batch, columns]`. */
export function addLimited(graph: GraphBuilder, errors: string, limits: Float32Array, name?: string): string {
  const beyond = graph.node("Relu", [graph.node("Sub", [errors, graph.floats(limits)])]);
  const uncounted = graph.node("Mul", [beyond, graph.scalar(1 - COUNTED_BEYOND)]);
  return graph.node("Sub", [errors, uncounted], {}, name);
}
