import type { GraphBuilder } from "@oddflow/onnx";
import { NORMALISATION_EPSILON } from "../network.ts";

/** Batch normalisation of one layer's dense output, `[units, batch]`, in training mode. */
export interface NormalisedLayer {
  /** Scaled by gamma and moved by beta, `[units, batch]`. */
  readonly output: string;
  /** The batch's mean and its biased variance, `[units]`. */
  readonly mean: string;
  readonly variance: string;
  /**
   * Adds the gradients at the dense output, `[units, batch]`, and of gamma and beta, `[units]`; `delta` is the one at the output.
   *
   * They are those of Ioffe and Szegedy (2015), gathered into one expression: with g the gradient at the output and x the normalised
   * values, dz = gamma / deviation * (g - mean(g) - x * mean(g x)).
   */
  backward(delta: string): { readonly dense: string; readonly gamma: string; readonly beta: string };
}

/** Adds a layer's normalisation; `gamma` and `beta` are `[units]`. The graph must have what `addBatchConstants` adds. */
export type AddNormalisation = (
  body: GraphBuilder,
  dense: string,
  gamma: string,
  beta: string,
) => NormalisedLayer;

const EPSILON = { float: NORMALISATION_EPSILON };

/**
 * By BatchNormalization, which the CPU has for training, too: one node forward, and backward one node for a row's x * scale +
 * offset. WebGPU has none for training, and CUDA's gives another variance.
 */
export const normaliseOnCpu: AddNormalisation = (body, dense, gamma, beta) => {
  const values = body.node("Unsqueeze", [dense, body.integers([0])]);
  const normalised = `${dense}_normalised`;
  const statistics = [`${dense}_mean`, `${dense}_variance`] as const;
  const [mean, variance] = statistics;
  // Without momentum what comes out as running statistics are the batch's own; they are written over what goes in.
  const former = [gamma, beta].map((vector) => body.node("Mul", [vector, body.scalar(0)]));
  body.nodes("BatchNormalization", [values, gamma, beta, ...former], [normalised, ...statistics], {
    training_mode: 1,
    momentum: { float: 0 },
    epsilon: EPSILON,
  });
  const asMatrix = (value: string): string => body.node("Squeeze", [value, body.integers([0])]);
  return {
    output: asMatrix(normalised),
    mean,
    variance,
    backward(delta) {
      const inverse = inverseDeviation(body, variance);
      const betaGradient = batchSum(body, delta);
      const product = batchSum(body, body.node("Mul", [delta, dense]));
      const centred = body.node("Sub", [product, body.node("Mul", [mean, betaGradient])]);
      const gammaGradient = body.node("Mul", [centred, inverse]);
      const factor = body.node("Mul", [gamma, inverse]);
      const taken = body.node("Mul", [factor, "minus_inverse_batch"]);
      const scale = body.node("Mul", [gammaGradient, taken]);
      const offset = body.node("Mul", [betaGradient, taken]);
      const along = body.node("BatchNormalization", [values, scale, offset, ...statistics], {
        epsilon: EPSILON,
      });
      const kept = body.node("Mul", [delta, asColumn(body, factor)]);
      return {
        dense: body.node("Add", [kept, asMatrix(along)]),
        gamma: gammaGradient,
        beta: betaGradient,
      };
    },
  };
};

/** By LayerNormalization over the batch, which every provider has. */
export const normaliseAnywhere: AddNormalisation = (body, dense, gamma, beta) => {
  const normalised = `${dense}_normalised`;
  const [mean, inverse] = [`${dense}_mean`, `${dense}_inverse_deviation`];
  body.nodes("LayerNormalization", [dense, "ones"], [normalised, mean, inverse], {
    axis: -1,
    epsilon: EPSILON,
  });
  const scaled = body.node("Mul", [normalised, asColumn(body, gamma)]);
  const asVector = (value: string): string => body.node("Squeeze", [value, body.integers([1])]);
  const inverses = asVector(inverse);
  return {
    output: body.node("Add", [scaled, asColumn(body, beta)]),
    mean: asVector(mean),
    variance: body.node("Sub", [
      body.node("Reciprocal", [body.node("Mul", [inverses, inverses])]),
      body.scalar(NORMALISATION_EPSILON),
    ]),
    backward(delta) {
      const betaGradient = batchSum(body, delta);
      const gammaGradient = batchSum(body, body.node("Mul", [delta, normalised]));
      const means = [gammaGradient, betaGradient].map((sum) =>
        asColumn(body, body.node("Mul", [sum, "minus_inverse_batch"])),
      );
      const [along = "", offset = ""] = means;
      const taken = body.node("Add", [body.node("Mul", [normalised, along]), offset]);
      const factor = body.node("Mul", [asColumn(body, gamma), inverse]);
      return {
        dense: body.node("Mul", [body.node("Add", [delta, taken]), factor]),
        gamma: gammaGradient,
        beta: betaGradient,
      };
    },
  };
};

/** The sums of rows of `[rows, batch]`, `[rows]`. A product with a matrix of one column: one with a vector takes 20 times as long. */
export function batchSum(body: GraphBuilder, value: string): string {
  return body.node("Squeeze", [body.node("MatMul", [value, "ones_column"]), body.integers([1])]);
}

function inverseDeviation(body: GraphBuilder, variance: string): string {
  const moved = body.node("Add", [variance, body.scalar(NORMALISATION_EPSILON)]);
  return body.node("Reciprocal", [body.node("Sqrt", [moved])]);
}

function asColumn(body: GraphBuilder, vector: string): string {
  return body.node("Unsqueeze", [vector, body.integers([1])]);
}
