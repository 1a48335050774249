import type { TfTensor } from "./tfjs-namespace.ts";

/**
 * What a training step is made of. There are two kinds: one on tfjs's public operations, for every backend, and one on
 * libtensorflow's own kernels, for tfjs-node. Activations are `[batch, units]`; vectors are `[units]`.
 *
 * Every tensor that is returned belongs to the tidy that the call is made in.
 */
export interface StepOperations {
  matMul(a: TfTensor, b: TfTensor, transposeA: boolean, transposeB: boolean): TfTensor;
  addBias(x: TfTensor, bias: TfTensor): TfTensor;
  subtract(a: TfTensor, b: TfTensor): TfTensor;
  /** Element by element; `b` may be a scalar. */
  multiply(a: TfTensor, b: TfTensor): TfTensor;
  /** The sum over the batch, `[units]`. */
  columnSums(x: TfTensor): TfTensor;
  halfSumOfSquares(x: TfTensor): TfTensor;
  relu(x: TfTensor): TfTensor;
  /** `gradient` where ReLU's output is above zero, 0 elsewhere. */
  reluGradient(gradient: TfTensor, output: TfTensor): TfTensor;
  normalise(x: TfTensor, gamma: TfTensor, beta: TfTensor): Normalised;
  /** Frees what the operations themselves hold. */
  close(): void;
}

/** Batch normalisation by the batch's own mean and variance. */
export interface Normalised {
  readonly output: TfTensor;
  readonly mean: TfTensor;
  /** Divided by the batch's size less one. */
  readonly unbiasedVariance: TfTensor;
  /** Takes the gradient at the output back to the input, gamma and beta. */
  gradients(gradient: TfTensor): { input: TfTensor; gamma: TfTensor; beta: TfTensor };
}

/** The network's parameters and Adam's moments. */
export interface AdamParameters {
  /** The parameters by `role_layer`; they belong to the tidy that the call is made in. */
  read(): ReadonlyMap<string, TfTensor>;
  /** One step of Adam along the gradients, which have the names of `read`. */
  update(gradients: ReadonlyMap<string, TfTensor>, scale: AdamScale): void;
  /** All parameters in one vector, as `ParameterLayout` has them. */
  values(): Promise<Float32Array>;
  close(): void;
}

/** What changes from one step of Adam to the next. */
export interface AdamScale {
  readonly learningRate: number;
  /** From 1. */
  readonly step: number;
}
