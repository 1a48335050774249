import type { GraphBuilder } from "@oddflow/onnx";
import type { LayerShape } from "../network.ts";
import type { ForwardValues } from "./forward-graph.ts";

/**
 * Adds the gradients of the mean squared error by every parameter; returns their names by `role_layer`.
 *
 * Batch normalisation's gradient is that of Ioffe and Szegedy (2015), gathered into one expression: with g the
 * gradient at the layer's output and x the normalised values, dz = gamma / deviation * (g - mean(g) - x * mean(g x)).
 */
export function addBackward(
  body: GraphBuilder,
  shape: readonly LayerShape[],
  parameters: ReadonlyMap<string, string>,
  forward: ForwardValues,
): ReadonlyMap<string, string> {
  const gradients = new Map<string, string>();
  const zero = body.scalar(0);
  const batchSum = (value: string): string => body.node("MatMul", [value, "ones_column"]);
  // The gradient at the current layer's dense output, `[outputs, batch]`.
  let delta = body.node("Mul", [forward.difference, "loss_gradient"]);
  for (let index = shape.length - 1; index >= 0; index--) {
    const layer = shape[index] as LayerShape;
    if (layer.normalised) {
      const x = forward.normalised[index] ?? "";
      const betaGradient = batchSum(delta);
      const gammaGradient = batchSum(body.node("Mul", [delta, x]));
      gradients.set(`beta_${index}`, betaGradient);
      gradients.set(`gamma_${index}`, gammaGradient);
      const along = body.node("Mul", [x, body.node("Mul", [gammaGradient, "inverse_batch"])]);
      const mean = body.node("Mul", [betaGradient, "inverse_batch"]);
      const centred = body.node("Sub", [body.node("Sub", [delta, along]), mean]);
      const factor = body.node("Mul", [parameters.get(`gamma_${index}`) ?? "", `inverse_deviation_${index}`]);
      delta = body.node("Mul", [centred, factor]);
    } else {
      gradients.set(`bias_${index}`, batchSum(delta));
    }
    const input = forward.layerInputs[index] ?? "";
    gradients.set(`weights_${index}`, body.node("Gemm", [delta, input], { transB: 1 }));
    const previous = shape[index - 1];
    if (previous === undefined) break;
    // A unit that dropout kept passed its value on times 1 / (1 - rate); one that it dropped, or that ReLU held at 0,
    // reads 0 at this layer's input and passes no gradient back.
    const passed = body.node("Gemm", [parameters.get(`weights_${index}`) ?? "", delta], {
      transA: 1,
      alpha: { float: 1 / (1 - previous.dropout) },
    });
    delta = previous.normalised
      ? body.node("Where", [body.node("Greater", [input, zero]), passed, zero])
      : passed;
  }
  return gradients;
}
