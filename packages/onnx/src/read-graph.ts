import { OddflowError } from "@oddflow/preprocessing";
import { type DecodedAttribute, type DecodedTensor, decodeModel, type ValueSummary } from "./decode-model.ts";
import {
  type Attribute,
  ELEMENT_TYPES,
  type ElementType,
  type Graph,
  type GraphNode,
  type Initializer,
  type ValueInfo,
} from "./model.ts";

/**
 * A model file's graph as `encodeModel` takes it; weights are copied.
 * @throws OddflowError MODEL_INVALID when the bytes are no ONNX model, or hold what `encodeModel` writes in no model file.
 */
export function readGraph(model: Uint8Array): Graph {
  const { nodes, initializers, inputs, outputs } = decodeModel(model).graph;
  return {
    name: "read",
    inputs: inputs.map(valueInfoOf),
    outputs: outputs.map(valueInfoOf),
    initializers: initializers.map(initializerOf),
    nodes: nodes.map(
      ({ operator, inputs, outputs, attributes }): GraphNode => ({
        operator,
        inputs,
        outputs,
        attributes: Object.fromEntries([...attributes].map(([name, value]) => [name, attributeOf(value)])),
      }),
    ),
  };
}

function attributeOf({ kind, value }: DecodedAttribute): Attribute {
  return kind === "float" ? { float: value } : value;
}

function valueInfoOf({ name, elementType, shape }: ValueSummary): ValueInfo {
  return { name, type: elementTypeOf(elementType, name), shape };
}

function initializerOf({ name, shape, elementType, data }: DecodedTensor): Initializer {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const type = elementTypeOf(elementType, name);
  if (type === "float32") {
    return {
      name,
      shape,
      data: Float32Array.from({ length: data.length / 4 }, (_, i) => view.getFloat32(4 * i, true)),
    };
  }
  if (type === "int64") {
    return {
      name,
      shape,
      data: BigInt64Array.from({ length: data.length / 8 }, (_, i) => view.getBigInt64(8 * i, true)),
    };
  }
  throw unknownType(elementType, name);
}

function elementTypeOf(number: number, name: string): ElementType {
  for (const [type, known] of Object.entries(ELEMENT_TYPES)) {
    if (known === number) return type as ElementType;
  }
  throw unknownType(number, name);
}

function unknownType(number: number, name: string): OddflowError {
  return new OddflowError(
    "MODEL_INVALID",
    `read model: its value "${name}" is of the element type ${number}, which no model of Oddflow's has; the file is damaged`,
  );
}
