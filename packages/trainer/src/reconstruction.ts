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
  const graph = new GraphBuilder("reconstruction");
  const input = graph.input("features", "float32", ["batch", width]);
  const difference = graph.node("Sub", [addAutoencoder(graph, weights, input), input]);
  graph.node("ReduceSum", [graph.node("Mul", [difference, difference])], { keepdims: 0 }, "squared_error");
  graph.output("squared_error", "float32", []);
  const model = encodeModel({ graph: graph.build(), opset: 17, producer: "oddflow", metadata: new Map() });
  const session = await openNodeSession(model, "cpu", threads);
  let sum = 0;
  for (let first = 0; first < features.length; first += ROWS_A_CALL * width) {
    const part = features.subarray(first, first + ROWS_A_CALL * width);
    const outputs = await session.run({
      features: new Tensor("float32", part, [part.length / width, width]),
    });
    sum += Number(outputs["squared_error"]?.data[0]);
  }
  await session.release();
  return sum / features.length;
}
