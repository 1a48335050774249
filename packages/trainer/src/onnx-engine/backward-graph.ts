import type { GraphBuilder } from "@oddflow/onnx";
import type { LayerShape } from "../network.ts";
import { batchSum } from "./batch-normalisation.ts";
import type { ForwardValues } from "./forward-graph.ts";

/** A HardSigmoid so steep that it is 0 for 0 and 1 for anything above: in half the time of a comparison and a choice. */
const STEP = { alpha: { float: 1e30 }, beta: { float: 0 } };

/** Adds the gradients of the mean squared error by every parameter; returns their names by `role_layer`. */
export function addBackward(
  body: GraphBuilder,
  shape: readonly LayerShape[],
  parameters: ReadonlyMap<string, string>,
  forward: ForwardValues,
): ReadonlyMap<string, string> {
  const gradients = new Map<string, string>();
  // The gradient at the current layer's dense output, `[outputs, batch]`.
  let delta = body.node("Mul", [forward.difference, "loss_gradient"]);
  for (let index = shape.length - 1; index >= 0; index--) {
    const batch = forward.normalised[index];
    if (batch === undefined) {
      gradients.set(`bias_${index}`, batchSum(body, delta));
    } else {
      const { dense, gamma, beta } = batch.backward(delta);
      gradients.set(`gamma_${index}`, gamma);
      gradients.set(`beta_${index}`, beta);
      delta = dense;
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
      ? body.node("Mul", [passed, body.node("HardSigmoid", [input], STEP)])
      : passed;
  }
  return gradients;
}
