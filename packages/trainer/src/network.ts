import { checkRange, isInRange, OddflowError, type OptionRange, rangeText } from "@oddflow/preprocessing";
import { type RandomStream, randomStream } from "./random.ts";

/** Added to a batch variance before its root is taken; PyTorch's default. */
export const NORMALISATION_EPSILON = 1e-5;

/** The share of a new batch's mean and variance in the running ones; PyTorch's default. */
export const NORMALISATION_MOMENTUM = 0.1;

/** What a user chooses of the autoencoder: the encoder's half, which the decoder mirrors. */
export interface NetworkOptions {
  /** Units of each hidden layer of the encoder, from the input inwards. */
  readonly hidden: readonly number[];
  readonly latent: number;
  /** Dropout rate after each hidden layer of the encoder; as many as `hidden`, each within `DROPOUT`. */
  readonly dropout: readonly number[];
}

/** Of each layer. */
export const UNITS: OptionRange = { from: 1, to: 65_536, whole: true };

/** Share of a layer's units that a training step leaves out. */
export const DROPOUT: OptionRange = { from: 0, below: 1 };

/**
 * One layer. A normalised one is dense, batch normalisation, ReLU, dropout; its dense part has no bias, which the
 * normalisation would take away again. A linear one (latent and output) is dense with a bias.
 */
export interface LayerShape {
  readonly inputs: number;
  readonly outputs: number;
  readonly normalised: boolean;
  readonly dropout: number;
}

/** The weights of a dense layer without a bias, and of the batch normalisation behind it. */
export interface NormalisedLayerWeights {
  readonly kind: "normalised";
  /** Row-major `[outputs, inputs]`. */
  readonly weights: Float32Array;
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly runningMean: Float32Array;
  /** Running mean of the unbiased batch variance. */
  readonly runningVariance: Float32Array;
}

/** The weights of a dense layer with a bias. */
export interface LinearLayerWeights {
  readonly kind: "linear";
  /** Row-major `[outputs, inputs]`. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/** A network's weights, a layer an entry, in the order of its shape. */
export type NetworkWeights = readonly (NormalisedLayerWeights | LinearLayerWeights)[];

/** @throws OddflowError OPTION_RANGE for a size or a rate that no network can have. */
export function checkNetwork({ hidden, latent, dropout }: NetworkOptions): void {
  for (const units of [...hidden, latent]) checkRange("network: the units of a layer", units, UNITS);
  if (dropout.length !== hidden.length || !dropout.every((rate) => isInRange(rate, DROPOUT))) {
    throw new OddflowError(
      "OPTION_RANGE",
      `network: dropout ${dropout.join(",")}; expected ${hidden.length} rates, one a hidden layer, each ${rangeText(DROPOUT)}`,
    );
  }
}

/**
 * input -> hidden -> latent -> mirrored hidden -> output.
 * @throws OddflowError OPTION_RANGE, as `checkNetwork` does
 */
export function networkShape(features: number, options: NetworkOptions): LayerShape[] {
  checkNetwork(options);
  const { hidden, latent, dropout } = options;
  const shape: LayerShape[] = [];
  let inputs = features;
  const add = (outputs: number, normalised: boolean, rate: number): void => {
    shape.push({ inputs, outputs, normalised, dropout: rate });
    inputs = outputs;
  };
  const encoder = hidden.map((units, i) => ({ units, rate: dropout[i] ?? 0 }));
  for (const { units, rate } of encoder) add(units, true, rate);
  add(latent, false, 0);
  for (const { units, rate } of encoder.toReversed()) add(units, true, rate);
  add(features, false, 0);
  return shape;
}

/** Draws weights and biases uniformly within 1 / sqrt(inputs), as PyTorch's Linear does by default. */
export function initialWeights(shape: readonly LayerShape[], seed: number): NetworkWeights {
  const random = randomStream(seed, "initial weights");
  return shape.map(({ inputs, outputs, normalised }) => {
    const bound = 1 / Math.sqrt(inputs);
    const weights = uniform(random, outputs * inputs, bound);
    if (!normalised) return { kind: "linear", weights, bias: uniform(random, outputs, bound) };
    return {
      kind: "normalised",
      weights,
      gamma: new Float32Array(outputs).fill(1),
      beta: new Float32Array(outputs),
      runningMean: new Float32Array(outputs),
      runningVariance: new Float32Array(outputs).fill(1),
    };
  });
}

function uniform(random: RandomStream, length: number, bound: number): Float32Array {
  return Float32Array.from({ length }, () => (random.uniform() * 2 - 1) * bound);
}
