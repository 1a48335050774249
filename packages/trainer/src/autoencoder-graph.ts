import type { GraphBuilder } from "@oddflow/onnx";
import { type NetworkWeights, NORMALISATION_EPSILON, type NormalisedLayerWeights } from "./network.ts";

/**
 * Adds a trained network in scoring mode, a Gemm a layer: batch normalisation is folded into weights and biases,
 * dropout is gone. `features` is `[batch, features]`; the name of the reconstruction, of the same shape, is returned: the
 * given one, or one made up.
 */
export function addAutoencoder(
  graph: GraphBuilder,
  weights: NetworkWeights,
  features: string,
  reconstruction?: string,
): string {
  let value = features;
  for (const [i, layer] of weights.entries()) {
    const { matrix, bias } =
      layer.kind === "normalised" ? fold(layer) : { matrix: layer.weights, bias: layer.bias };
    const outputs = bias.length;
    const inputs = matrix.length / outputs;
    value = graph.node(
      "Gemm",
      [value, graph.floats(matrix, [outputs, inputs]), graph.floats(bias)],
      { transB: 1 },
      i === weights.length - 1 ? reconstruction : undefined,
    );
    if (layer.kind === "normalised") value = graph.node("Relu", [value]);
  }
  return value;
}

/** gamma * (W x - mean) / deviation + beta as one matrix and one bias. */
function fold(layer: NormalisedLayerWeights): { matrix: Float32Array; bias: Float32Array } {
  const outputs = layer.gamma.length;
  const inputs = layer.weights.length / outputs;
  const factor = Float64Array.from(layer.gamma, (gamma, unit) => {
    return gamma / Math.sqrt((layer.runningVariance[unit] as number) + NORMALISATION_EPSILON);
  });
  return {
    matrix: layer.weights.map((weight, i) => weight * (factor[Math.floor(i / inputs)] as number)),
    bias: layer.beta.map(
      (beta, unit) => beta - (layer.runningMean[unit] as number) * (factor[unit] as number),
    ),
  };
}
