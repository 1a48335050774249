import type { GraphBuilder } from "@oddflow/onnx";
import { type LayerShape, NORMALISATION_EPSILON } from "../network.ts";

/** The names of the values that a backward pass needs of a forward pass. */
export interface ForwardValues {
  /** What each layer read, `[inputs, batch]`; entry 0 is the batch itself. */
  readonly layerInputs: readonly string[];
  /** Of each layer: its normalised values before gamma and beta, `[outputs, batch]`; "" for a linear layer. */
  readonly normalised: readonly string[];
  /** Batch means and inverse deviations of the normalised layers, in order, `[outputs, 1]` each. */
  readonly means: readonly string[];
  readonly inverseDeviations: readonly string[];
  /** Output minus input, `[features, batch]`. */
  readonly difference: string;
}

/** Adds the network in training mode: batch statistics, dropout by the given masks. */
export function addForward(
  body: GraphBuilder,
  shape: readonly LayerShape[],
  parameters: ReadonlyMap<string, string>,
  masks: ReadonlyMap<number, string>,
  input: string,
): ForwardValues {
  const parameter = (role: string, layer: number): string => parameters.get(`${role}_${layer}`) ?? "";
  const layerInputs: string[] = [];
  const normalised: string[] = [];
  const means: string[] = [];
  const inverseDeviations: string[] = [];
  let value = input;
  shape.forEach((layer, index) => {
    layerInputs.push(value);
    const dense = body.node("MatMul", [parameter("weights", index), value]);
    if (!layer.normalised) {
      normalised.push("");
      value = body.node("Add", [dense, parameter("bias", index)]);
      return;
    }
    const names = [`normalised_${index}`, `mean_${index}`, `inverse_deviation_${index}`] as const;
    body.nodes("LayerNormalization", [dense, "ones_row"], names, {
      axis: -1,
      epsilon: { float: NORMALISATION_EPSILON },
    });
    normalised.push(names[0]);
    means.push(names[1]);
    inverseDeviations.push(names[2]);
    const scaled = body.node("Mul", [names[0], parameter("gamma", index)]);
    value = body.node("Relu", [body.node("Add", [scaled, parameter("beta", index)])]);
    const mask = masks.get(index);
    if (mask !== undefined) value = body.node("Mul", [value, mask]);
  });
  const difference = body.node("Sub", [value, input]);
  return { layerInputs, normalised, means, inverseDeviations, difference };
}
