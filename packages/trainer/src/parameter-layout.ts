import type { LayerShape, NetworkWeights } from "./network.ts";

/**
 * Where each tensor of the network lies in the two vectors that a training step carries: `parameters` (what Adam
 * changes) and `statistics` (batch normalisation's running means, then its running variances).
 *
 * One long vector makes Adam a handful of nodes whatever the number of layers.
 */
export interface ParameterLayout {
  /** The tensors of `parameters`, in order: per layer its weights, then gamma and beta, or the bias. */
  readonly tensors: readonly ParameterTensor[];
  readonly parameters: number;
  /** Units of all normalised layers; `statistics` is twice as long. */
  readonly normalisedUnits: number;
}

export interface ParameterTensor {
  readonly layer: number;
  readonly role: "weights" | "gamma" | "beta" | "bias";
  /** `[outputs, inputs]` for weights, `[outputs, 1]` for a bias, `[outputs]` for gamma and beta. */
  readonly shape: readonly number[];
  readonly size: number;
}

export function parameterLayout(shape: readonly LayerShape[]): ParameterLayout {
  const tensors = shape.flatMap(({ inputs, outputs, normalised }, layer): ParameterTensor[] => {
    const vector = (role: "gamma" | "beta"): ParameterTensor => ({
      layer,
      role,
      shape: [outputs],
      size: outputs,
    });
    return [
      { layer, role: "weights", shape: [outputs, inputs], size: outputs * inputs },
      ...(normalised
        ? [vector("gamma"), vector("beta")]
        : [{ layer, role: "bias", shape: [outputs, 1], size: outputs } as const]),
    ];
  });
  return {
    tensors,
    parameters: tensors.reduce((sum, tensor) => sum + tensor.size, 0),
    normalisedUnits: shape.reduce((sum, layer) => sum + (layer.normalised ? layer.outputs : 0), 0),
  };
}

/** Lays weights out as the two vectors. */
export function packWeights(weights: NetworkWeights): { parameters: Float32Array; statistics: Float32Array } {
  return {
    parameters: concatenate(
      weights.flatMap((layer) =>
        layer.kind === "normalised" ? [layer.weights, layer.gamma, layer.beta] : [layer.weights, layer.bias],
      ),
    ),
    statistics: concatenate([
      ...weights.map((layer) => (layer.kind === "normalised" ? layer.runningMean : new Float32Array())),
      ...weights.map((layer) => (layer.kind === "normalised" ? layer.runningVariance : new Float32Array())),
    ]),
  };
}

/** The reverse of `packWeights`; the result is a copy. */
export function unpackWeights(
  shape: readonly LayerShape[],
  parameters: Float32Array,
  statistics: Float32Array,
): NetworkWeights {
  const { normalisedUnits } = parameterLayout(shape);
  let position = 0;
  let unit = 0;
  const take = (size: number): Float32Array => {
    position += size;
    return parameters.slice(position - size, position);
  };
  return shape.map(({ inputs, outputs, normalised }) => {
    const weights = take(outputs * inputs);
    if (!normalised) return { kind: "linear", weights, bias: take(outputs) };
    const gamma = take(outputs);
    const beta = take(outputs);
    const first = unit;
    unit += outputs;
    return {
      kind: "normalised",
      weights,
      gamma,
      beta,
      runningMean: statistics.slice(first, unit),
      runningVariance: statistics.slice(normalisedUnits + first, normalisedUnits + unit),
    };
  });
}

function concatenate(arrays: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let position = 0;
  for (const array of arrays) {
    all.set(array, position);
    position += array.length;
  }
  return all;
}
