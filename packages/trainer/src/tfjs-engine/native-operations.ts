import { NORMALISATION_EPSILON } from "../network.ts";
import type { KernelAttribute, NativeKernels } from "./native-kernels.ts";
import type { Normalised, StepOperations } from "./step-operations.ts";
import type { TfTensor } from "./tfjs-namespace.ts";

/**
 * The operations of a step on libtensorflow's kernels, called as tfjs-node's own operations call them. That leaves out
 * most of what a call through tfjs's public operations costs, and batch normalisation is one kernel each way.
 */
export function nativeOperations(kernels: NativeKernels): StepOperations {
  const float = kernels.type("T", "TF_FLOAT");
  const products = [0, 1, 2, 3].map((flags) => [
    kernels.attribute("TF_ATTR_BOOL", "transpose_a", (flags & 1) !== 0),
    kernels.attribute("TF_ATTR_BOOL", "transpose_b", (flags & 2) !== 0),
    float,
  ]);
  const normalisation = new NativeNormalisation(kernels);
  return {
    matMul: (a, b, transposeA, transposeB) =>
      kernels.single("MatMul", products[Number(transposeA) + 2 * Number(transposeB)] ?? [], a, b),
    addBias: (x, bias) => kernels.single("AddV2", [float], x, bias),
    subtract: (a, b) => kernels.single("Sub", [float], a, b),
    multiply: (a, b) => kernels.single("Mul", [float], a, b),
    columnSums: (x) => kernels.single("BiasAddGrad", [float], x),
    halfSumOfSquares: (x) => kernels.single("L2Loss", [float], x),
    relu: (x) => kernels.single("Relu", [float], x),
    reluGradient: (gradient, output) => kernels.single("ReluGrad", [float], gradient, output),
    normalise: (x, gamma, beta) => normalisation.normalise(x, gamma, beta),
    close: () => {
      normalisation.close();
      kernels.close();
    },
  };
}

class NativeNormalisation {
  readonly #kernels: NativeKernels;
  readonly #attributes: { forward: KernelAttribute[]; backward: KernelAttribute[] };
  /** Stands for running statistics, which the kernel does not read in training. */
  readonly #none: TfTensor;

  constructor(kernels: NativeKernels) {
    this.#kernels = kernels;
    this.#none = kernels.tf.tensor1d([]);
    const backward = [
      kernels.type("T", "TF_FLOAT"),
      kernels.type("U", "TF_FLOAT"),
      kernels.attribute("TF_ATTR_FLOAT", "epsilon", NORMALISATION_EPSILON),
      kernels.attribute("TF_ATTR_STRING", "data_format", "NHWC"),
      kernels.attribute("TF_ATTR_BOOL", "is_training", true),
    ];
    const factor = kernels.attribute("TF_ATTR_FLOAT", "exponential_avg_factor", 1);
    this.#attributes = { forward: [...backward, factor], backward };
  }

  normalise(x: TfTensor, gamma: TfTensor, beta: TfTensor): Normalised {
    const kernels = this.#kernels;
    const { forward, backward } = this.#attributes;
    // The kernel is made for images: a unit is a channel, a flow is an image of one pixel.
    const [batch = 0, units = 0] = x.shape;
    const images = kernels.reshape(x, [batch, 1, 1, units]);
    const [output, mean, unbiasedVariance, ...reserved] = kernels.many(
      "FusedBatchNormV3",
      forward,
      [images, gamma, beta, this.#none, this.#none],
      6,
    ) as [TfTensor, TfTensor, TfTensor, ...TfTensor[]];
    return {
      output: kernels.reshape(output, [batch, units]),
      mean,
      unbiasedVariance,
      gradients: (gradient) => {
        const gradientImages = kernels.reshape(gradient, [batch, 1, 1, units]);
        const [input, gammaGradient, betaGradient] = kernels.many(
          "FusedBatchNormGradV3",
          backward,
          [gradientImages, images, gamma, ...reserved],
          5,
        ) as [TfTensor, TfTensor, TfTensor];
        return { input: kernels.reshape(input, [batch, units]), gamma: gammaGradient, beta: betaGradient };
      },
    };
  }

  close(): void {
    this.#none.dispose();
  }
}
