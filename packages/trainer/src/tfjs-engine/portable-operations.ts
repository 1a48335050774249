import { NORMALISATION_EPSILON } from "../network.ts";
import type { Normalised, StepOperations } from "./step-operations.ts";
import type { Tfjs, TfTensor } from "./tfjs-namespace.ts";

/** The operations of a step on tfjs's public ones, for every backend. */
export function portableOperations(tf: Tfjs): StepOperations {
  return {
    matMul: (a, b, transposeA, transposeB) => tf.matMul(a, b, transposeA, transposeB),
    addBias: (x, bias) => tf.add(x, bias),
    subtract: (a, b) => tf.sub(a, b),
    multiply: (a, b) => tf.mul(a, b),
    columnSums: (x) => tf.sum(x, 0),
    // The WASM backend adds up one number after the other; by columns first, less is lost to rounding.
    halfSumOfSquares: (x) => tf.mul(tf.sum(tf.sum(tf.square(x), 0)), 0.5),
    relu: (x) => tf.relu(x),
    reluGradient: (gradient, output) => tf.mul(gradient, tf.step(output)),
    normalise: (x, gamma, beta) => normalise(tf, x, gamma, beta),
    close: () => {},
  };
}

/**
 * The gradient is that of Ioffe and Szegedy (2015), gathered into one expression: with g the gradient at the output
 * and n the normalised values, dx = gamma / deviation * (g - mean(g) - n * mean(g n)).
 */
function normalise(tf: Tfjs, x: TfTensor, gamma: TfTensor, beta: TfTensor): Normalised {
  const batch = x.shape[0] ?? 0;
  const mean = tf.mean(x, 0);
  const centred = tf.sub(x, mean);
  const variance = tf.mean(tf.square(centred), 0);
  const inverseDeviation = tf.rsqrt(tf.add(variance, NORMALISATION_EPSILON));
  const normalised = tf.mul(centred, inverseDeviation);
  return {
    output: tf.add(tf.mul(normalised, gamma), beta),
    mean,
    unbiasedVariance: tf.mul(variance, batch / (batch - 1)),
    gradients(gradient) {
      const betaGradient = tf.sum(gradient, 0);
      const gammaGradient = tf.sum(tf.mul(gradient, normalised), 0);
      const along = tf.mul(normalised, tf.mul(gammaGradient, 1 / batch));
      const rest = tf.sub(tf.sub(gradient, along), tf.mul(betaGradient, 1 / batch));
      return {
        input: tf.mul(rest, tf.mul(gamma, inverseDeviation)),
        gamma: gammaGradient,
        beta: betaGradient,
      };
    },
  };
}
