import type { GraphBuilder } from "@oddflow/onnx";
import type { LayerShape } from "../network.ts";
import type { AddNormalisation, NormalisedLayer } from "./batch-normalisation.ts";

/** The names of the values that a backward pass needs of a forward pass. */
export interface ForwardValues {
  /** What each layer read, `[inputs, batch]`; entry 0 is the batch itself. */
  readonly layerInputs: readonly string[];
  /** Of each layer; absent for a linear one. */
  readonly normalised: readonly (NormalisedLayer | undefined)[];
  /** Output minus input, `[features, batch]`. */
  readonly difference: string;
}

/** Adds the network in training mode: batch statistics, dropout by the given masks. */
export function addForward(
  body: GraphBuilder,
  shape: readonly LayerShape[],
  addNormalisation: AddNormalisation,
  parameters: ReadonlyMap<string, string>,
  masks: ReadonlyMap<number, string>,
  input: string,
): ForwardValues {
  const parameter = (role: string, layer: number): string => parameters.get(`${role}_${layer}`) ?? "";
  const layerInputs: string[] = [];
  let value = input;
  const normalised = shape.map((layer, index) => {
    layerInputs.push(value);
    const dense = body.node("MatMul", [parameter("weights", index), value], {}, `dense_${index}`);
    if (!layer.normalised) {
      value = body.node("Add", [dense, parameter("bias", index)]);
      return undefined;
    }
    const batch = addNormalisation(body, dense, parameter("gamma", index), parameter("beta", index));
    value = body.node("Relu", [batch.output]);
    const mask = masks.get(index);
    if (mask !== undefined) value = body.node("Mul", [value, mask]);
    return batch;
  });
  const difference = body.node("Sub", [value, input]);
  return { layerInputs, normalised, difference };
}
