import type { LayerShape } from "../network.ts";
import type { Normalised, StepOperations } from "./step-operations.ts";
import type { TfTensor } from "./tfjs-namespace.ts";

export interface StepInput {
  /** `[batch, features]`. */
  readonly batch: TfTensor;
  /** By `role_layer`; weights are `[outputs, inputs]`. */
  readonly parameters: ReadonlyMap<string, TfTensor>;
  /** By layer, `[batch, units]`, each value 0 or 1 / (1 - rate); only of layers with dropout. */
  readonly masks: ReadonlyMap<number, TfTensor>;
  /** A scalar: 2 over the number of values in the batch. */
  readonly lossGradient: TfTensor;
}

export interface StepGradients {
  /** Half the sum of the squared errors, a scalar. */
  readonly halfSquaredError: TfTensor;
  /** Of the mean squared error, by the names of the parameters. */
  readonly gradients: ReadonlyMap<string, TfTensor>;
  /** Of the normalised layers, in order: the batch's means and unbiased variances, `[units]` each. */
  readonly means: readonly TfTensor[];
  readonly unbiasedVariances: readonly TfTensor[];
}

/** What the backward pass needs of a layer's forward pass. */
interface LayerPass {
  readonly input: TfTensor;
  readonly normalised?: Normalised;
  /** ReLU's output, before dropout. */
  readonly activated?: TfTensor;
}

/** One pass forward and one back, in training mode: batch statistics, dropout by the given masks. */
export function computeGradients(
  operations: StepOperations,
  shape: readonly LayerShape[],
  input: StepInput,
): StepGradients {
  const { passes, output } = forward(operations, shape, input);
  const difference = operations.subtract(output, input.batch);
  const normalised = passes.flatMap((pass) => pass.normalised ?? []);
  return {
    halfSquaredError: operations.halfSumOfSquares(difference),
    gradients: backward(operations, passes, input, operations.multiply(difference, input.lossGradient)),
    means: normalised.map(({ mean }) => mean),
    unbiasedVariances: normalised.map(({ unbiasedVariance }) => unbiasedVariance),
  };
}

function forward(
  operations: StepOperations,
  shape: readonly LayerShape[],
  { batch, parameters, masks }: StepInput,
): { passes: LayerPass[]; output: TfTensor } {
  let value = batch;
  const passes = shape.map((layer, index): LayerPass => {
    const input = value;
    const dense = operations.matMul(input, parameter(parameters, "weights", index), false, true);
    if (!layer.normalised) {
      value = operations.addBias(dense, parameter(parameters, "bias", index));
      return { input };
    }
    const normalised = operations.normalise(
      dense,
      parameter(parameters, "gamma", index),
      parameter(parameters, "beta", index),
    );
    const activated = operations.relu(normalised.output);
    const mask = masks.get(index);
    value = mask ? operations.multiply(activated, mask) : activated;
    return { input, normalised, activated };
  });
  return { passes, output: value };
}

/** `delta` is the gradient at the network's output. */
function backward(
  operations: StepOperations,
  passes: readonly LayerPass[],
  { parameters, masks }: StepInput,
  delta: TfTensor,
): ReadonlyMap<string, TfTensor> {
  const gradients = new Map<string, TfTensor>();
  let gradient = delta;
  for (const [index, { input, normalised, activated }] of [...passes.entries()].reverse()) {
    if (normalised && activated) {
      const mask = masks.get(index);
      const passed = mask ? operations.multiply(gradient, mask) : gradient;
      const back = normalised.gradients(operations.reluGradient(passed, activated));
      gradients.set(`gamma_${index}`, back.gamma);
      gradients.set(`beta_${index}`, back.beta);
      gradient = back.input;
    } else {
      gradients.set(`bias_${index}`, operations.columnSums(gradient));
    }
    gradients.set(`weights_${index}`, operations.matMul(gradient, input, true, false));
    // Nothing learns from the gradient at the network's own input.
    if (index > 0) {
      gradient = operations.matMul(gradient, parameter(parameters, "weights", index), false, false);
    }
  }
  return gradients;
}

function parameter(parameters: ReadonlyMap<string, TfTensor>, role: string, layer: number): TfTensor {
  return parameters.get(`${role}_${layer}`) as TfTensor;
}
