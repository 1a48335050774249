import { OddflowError } from "@oddflow/preprocessing";
import { PbfReader } from "pbf";
import {
  bytes,
  type Fields,
  float,
  integer,
  invalid,
  message,
  readMessage,
  repeated,
  text,
} from "./wire-format.ts";

/** What an ONNX file holds, as far as `encodeModel` writes it. Nothing has been checked but the form. */
export interface DecodedModel {
  readonly producer: string;
  /** The default operator set's version. */
  readonly opset: number;
  readonly graph: DecodedGraph;
  readonly metadata: ReadonlyMap<string, string>;
}

export interface DecodedGraph {
  readonly nodes: readonly DecodedNode[];
  readonly initializers: readonly DecodedTensor[];
  readonly inputs: readonly ValueSummary[];
  readonly outputs: readonly ValueSummary[];
}

export interface DecodedNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Absent where an attribute is a graph, text or a tensor. */
  readonly attributes: ReadonlyMap<string, DecodedAttribute>;
}

export type DecodedAttribute =
  | { readonly kind: "integer" | "float"; readonly value: number }
  | { readonly kind: "integers"; readonly value: readonly number[] };

export interface DecodedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** ONNX's number of the element type. */
  readonly elementType: number;
  /** Row-major, little-endian; where they lie in the file. */
  readonly data: Uint8Array;
}

/** A graph input or output, as a file states it. */
export interface ValueSummary {
  readonly name: string;
  /** ONNX's number of the element type (1 is float32); 0 when it is not said. */
  readonly elementType: number;
  /** A number, a dimension's name, or "?" when neither is said. */
  readonly shape: readonly (number | string)[];
}

/** Who has written a model that was made for other platforms. */
export const PORTABLE_PRODUCER = "oddflow export";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Reads an ONNX file. Weights are not copied.
 * @throws OddflowError MODEL_INVALID when the bytes are no ONNX model, end too early, name another file, hold anything that
 * `encodeModel` writes in no model file (graphs within nodes, functions, custom operators), or a key of the metadata twice.
 */
export function decodeModel(file: Uint8Array): DecodedModel {
  if (file.length === 0) throw invalid("it is empty");
  const metadata = new Map<string, string>();
  const model: Mutable<DecodedModel> = { producer: "", opset: 0, graph: NO_GRAPH, metadata };
  const fields: Fields = {
    1: integer(() => undefined),
    2: text((producer) => {
      if (producer === PORTABLE_PRODUCER) {
        throw invalid("`oddflow export` made it for other platforms: use the model that it was made of");
      }
      model.producer = producer;
    }),
    7: message((pbf, end) => (model.graph = readGraph(pbf, end))),
    8: message((pbf, end) => (model.opset = readOpset(pbf, end))),
    14: repeated(message((pbf, end) => readEntry(pbf, end, metadata))),
  };
  try {
    if (!mayBeModel(file)) throw invalid("it is no ONNX file");
    readMessage(new PbfReader(file), file.length, "model", fields);
  } catch (cause) {
    if (cause instanceof OddflowError) throw cause;
    throw invalid("its bytes are not in ONNX's format", cause);
  }
  if (model.graph === NO_GRAPH) throw invalid("it holds no graph");
  return model;
}

/** The keys of a model's fields: eight times a number, and a wire type. Source: github.com/onnx/onnx, onnx.proto, ModelProto */
const VERSION_KEY = 8 * 1;
const INTEGER_KEYS = [VERSION_KEY, 8 * 5];
const MESSAGE_KEYS = [2, 3, 4, 6, 7, 8, 14, 20, 25, 26].map((number) => 8 * number + 2);

/** Whether nothing but a model's fields comes before the format's version, with which every writer begins. */
function mayBeModel(file: Uint8Array): boolean {
  const pbf = new PbfReader(file);
  while (pbf.pos < file.length) {
    const key = pbf.readVarint();
    if (key === VERSION_KEY) return true;
    if (!INTEGER_KEYS.includes(key) && !MESSAGE_KEYS.includes(key)) return false;
    pbf.skip(key);
  }
  return false;
}

const NO_GRAPH: DecodedGraph = { nodes: [], initializers: [], inputs: [], outputs: [] };

function readOpset(pbf: PbfReader, end: number): number {
  let domain = "";
  let version = 0;
  readMessage(pbf, end, "operator set", {
    1: text((value) => (domain = value)),
    2: integer((value) => (version = value)),
  });
  checkDomain(domain);
  return version;
}

function readEntry(pbf: PbfReader, end: number, metadata: Map<string, string>): void {
  let key = "";
  let value = "";
  readMessage(pbf, end, "metadata", {
    1: text((found) => (key = found)),
    2: text((found) => (value = found)),
  });
  if (metadata.has(key)) throw invalid(`its metadata has "${key}" twice`);
  metadata.set(key, value);
}

function readGraph(pbf: PbfReader, end: number): DecodedGraph {
  const nodes: DecodedNode[] = [];
  const initializers: DecodedTensor[] = [];
  const inputs: ValueSummary[] = [];
  const outputs: ValueSummary[] = [];
  readMessage(pbf, end, "graph", {
    1: repeated(message((node, nodeEnd) => nodes.push(readNode(node, nodeEnd)))),
    2: text(() => undefined),
    5: repeated(message((tensor, tensorEnd) => initializers.push(readTensor(tensor, tensorEnd)))),
    11: repeated(message((value, valueEnd) => inputs.push(readValue(value, valueEnd)))),
    12: repeated(message((value, valueEnd) => outputs.push(readValue(value, valueEnd)))),
  });
  return { nodes, initializers, inputs, outputs };
}

function readNode(pbf: PbfReader, end: number): DecodedNode {
  let operator = "";
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, DecodedAttribute>();
  readMessage(pbf, end, "node", {
    1: repeated(text((name) => inputs.push(name))),
    2: repeated(text((name) => outputs.push(name))),
    3: text(() => undefined),
    4: text((value) => (operator = value)),
    5: repeated(message((attribute, attributeEnd) => readAttribute(attribute, attributeEnd, attributes))),
    7: text(checkDomain),
  });
  return { operator, inputs, outputs, attributes };
}

function readAttribute(pbf: PbfReader, end: number, attributes: Map<string, DecodedAttribute>): void {
  let name = "";
  let type = 0;
  const integers: number[] = [];
  const values: DecodedAttribute[] = [];
  readMessage(pbf, end, "node's attribute", {
    1: text((value) => (name = value)),
    2: float((value) => values.push({ kind: "float", value })),
    3: integer((value) => values.push({ kind: "integer", value })),
    8: repeated(integer((value) => integers.push(value))),
    20: integer((value) => (type = value)),
  });
  const [first] = integers.length > 0 ? [...values, { kind: "integers", value: integers } as const] : values;
  const types = { float: 1, integer: 2, integers: 7 };
  if (first === undefined || values.length + Math.sign(integers.length) !== 1 || types[first.kind] !== type) {
    throw invalid(`an attribute "${name}" is not of the type that it says`);
  }
  if (attributes.has(name)) throw invalid(`a node has the attribute "${name}" twice`);
  attributes.set(name, first);
}

function readTensor(pbf: PbfReader, end: number): DecodedTensor {
  let name = "";
  let elementType = 0;
  let data: Uint8Array = new Uint8Array();
  const shape: number[] = [];
  const inAnotherFile = (): never => {
    throw invalid("its weights lie in another file, and one file is the whole detector");
  };
  readMessage(pbf, end, "constant", {
    1: repeated(integer((dimension) => shape.push(dimension))),
    2: integer((value) => (elementType = value)),
    8: text((value) => (name = value)),
    9: bytes((value) => (data = value)),
    13: repeated(message(inAnotherFile)),
    14: integer(inAnotherFile),
  });
  return { name, shape, elementType, data };
}

function readValue(pbf: PbfReader, end: number): ValueSummary {
  let name = "";
  let elementType = 0;
  const shape: (number | string)[] = [];
  const readDimension = (dimension: PbfReader, dimensionEnd: number): void => {
    const found: (number | string)[] = [];
    readMessage(dimension, dimensionEnd, "dimension", {
      1: integer((size) => found.push(size)),
      2: text((size) => found.push(size)),
    });
    if (found.length > 1) throw invalid("a dimension has two sizes");
    shape.push(found[0] ?? "?");
  };
  const readTensorType = (type: PbfReader, typeEnd: number): void =>
    readMessage(type, typeEnd, "tensor type", {
      1: integer((value) => (elementType = value)),
      2: message((dimensions, dimensionsEnd) =>
        readMessage(dimensions, dimensionsEnd, "shape", { 1: repeated(message(readDimension)) }),
      ),
    });
  readMessage(pbf, end, "value", {
    1: text((value) => (name = value)),
    2: message((type, typeEnd) => readMessage(type, typeEnd, "type", { 1: message(readTensorType) })),
  });
  return { name, elementType, shape };
}

function checkDomain(domain: string): void {
  if (domain === "" || domain === "ai.onnx") return;
  throw invalid(`it has operators of "${domain}", and only ONNX's own are used`);
}
