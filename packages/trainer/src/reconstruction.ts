import { openNodeSession } from "@oddflow/inference/node";
import { encodeModel, GraphBuilder } from "@oddflow/onnx";
import { Tensor } from "onnxruntime-node";
import { addAutoencoder } from "./autoencoder-graph.ts";
import type { NetworkWeights } from "./network.ts";

/** Rows a call: as many as keep a call's activations in the cache. */
const ROWS_A_CALL = 4096;

/**
 * The network's mean squared error over rows of features (row-major `[rows, features]`), in scoring mode.
 * Written once for all engines, so that the schedule compares like with like.
 */
export async function reconstructionError(
  weights: NetworkWeights,
  features: Float32Array,
  width: number,
  threads?: number,
): Promise<number> {
  const errors = await featureErrors(weights, features, width, threads);
  return errors.reduce((sum, error) => sum + error, 0) / width;
}

/** The mean squared error of each feature over the rows, `width` of them; otherwise as `reconstructionError`. */
export async function featureErrors(
  weights: NetworkWeights,
  features: Float32Array,
  width: number,
  threads?: number,
): Promise<Float64Array> {
  const graph = new GraphBuilder("reconstruction");
  const input = graph.input("features", "float32", ["batch", width]);
  const difference = graph.node("Sub", [addAutoencoder(graph, weights, input), input]);
  const squares = graph.node("Mul", [difference, difference]);
  graph.node("ReduceSum", [squares, graph.integers([0])], { keepdims: 0 }, "squared_errors");
  graph.output("squared_errors", "float32", [width]);
  const model = encodeModel({ graph: graph.build(), opset: 17, producer: "oddflow", metadata: new Map() });
  const session = await openNodeSession(model, "cpu", threads);
  const sums = new Float64Array(width);
  for (let first = 0; first < features.length; first += ROWS_A_CALL * width) {
    const part = features.subarray(first, first + ROWS_A_CALL * width);
    const outputs = await session.run({
      features: new Tensor("float32", part, [part.length / width, width]),
    });
    const data = outputs["squared_errors"]?.data;
    if (!(data instanceof Float32Array)) throw new Error("the reconstruction graph gave no float32 output");
    data.forEach((sum, k) => {
      sums[k] = (sums[k] as number) + sum;
    });
  }
  await session.release();
  return sums.map((sum) => (sum * width) / features.length);
}
