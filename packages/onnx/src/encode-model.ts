import { PbfWriter } from "pbf";
import {
  type Attribute,
  ELEMENT_TYPES,
  type Graph,
  type GraphNode,
  type Initializer,
  ML_OPERATORS,
  type Model,
  type ValueInfo,
} from "./model.ts";

/** ONNX file format 8 (2021): what opset 17 came with, and old enough for every runtime that is still in use. */
const IR_VERSION = 8;

const utf8 = new TextEncoder();

/**
 * A model as the bytes of an ONNX file. Field numbers are those of onnx.proto3 in the ONNX repository.
 * Metadata comes last, so that a file that was cut short has lost it and is noticed.
 */
export function encodeModel(model: Model): Uint8Array {
  const writer = new PbfWriter();
  writer.writeVarintField(1, IR_VERSION);
  writeText(writer, 2, model.producer);
  writer.writeMessage(7, writeGraph, model.graph);
  writer.writeMessage(8, writeOperators, { domain: "", version: model.opset });
  if (model.graph.nodes.some(({ domain }) => domain !== undefined)) {
    writer.writeMessage(8, writeOperators, ML_OPERATORS);
  }
  for (const entry of model.metadata) writer.writeMessage(14, writeMetadata, entry);
  return writer.finish();
}

function writeOperators(
  { domain, version }: { readonly domain: string; readonly version: number },
  pbf: PbfWriter,
): void {
  if (domain !== "") writeText(pbf, 1, domain);
  pbf.writeVarintField(2, version);
}

export function writeMetadata([key, value]: readonly [string, string], pbf: PbfWriter): void {
  writeText(pbf, 1, key);
  writeText(pbf, 2, value);
}

function writeGraph(graph: Graph, pbf: PbfWriter): void {
  for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node);
  writeText(pbf, 2, graph.name);
  for (const initializer of graph.initializers) pbf.writeMessage(5, writeTensor, initializer);
  for (const input of graph.inputs) pbf.writeMessage(11, writeValueInfo, input);
  for (const output of graph.outputs) pbf.writeMessage(12, writeValueInfo, output);
}

function writeNode(node: GraphNode, pbf: PbfWriter): void {
  for (const input of node.inputs) writeText(pbf, 1, input);
  for (const output of node.outputs) writeText(pbf, 2, output);
  writeText(pbf, 4, node.operator);
  for (const attribute of Object.entries(node.attributes)) pbf.writeMessage(5, writeAttribute, attribute);
  if (node.domain !== undefined) writeText(pbf, 7, node.domain);
}

function writeAttribute([name, value]: readonly [string, Attribute], pbf: PbfWriter): void {
  const type = { float: 1, int: 2, graph: 5, floats: 6, ints: 7, strings: 8 };
  writeText(pbf, 1, name);
  if (typeof value === "number") {
    pbf.writeVarintField(3, value);
    pbf.writeVarintField(20, type.int);
  } else if ("float" in value) {
    pbf.writeFloatField(2, value.float);
    pbf.writeVarintField(20, type.float);
  } else if ("floats" in value) {
    for (const item of value.floats) pbf.writeFloatField(7, item);
    pbf.writeVarintField(20, type.floats);
  } else if ("nodes" in value) {
    pbf.writeMessage(6, writeGraph, value);
    pbf.writeVarintField(20, type.graph);
  } else {
    for (const item of value) {
      if (typeof item === "string") writeText(pbf, 9, item);
      else pbf.writeVarintField(8, item);
    }
    pbf.writeVarintField(20, value.some((item) => typeof item === "string") ? type.strings : type.ints);
  }
}

function writeTensor(tensor: Initializer, pbf: PbfWriter): void {
  for (const dimension of tensor.shape) pbf.writeVarintField(1, dimension);
  pbf.writeVarintField(2, tensor.data instanceof Float32Array ? ELEMENT_TYPES.float32 : ELEMENT_TYPES.int64);
  writeText(pbf, 8, tensor.name);
  pbf.writeBytesField(9, littleEndianBytes(tensor.data));
}

export function writeValueInfo(value: ValueInfo, pbf: PbfWriter): void {
  writeText(pbf, 1, value.name);
  pbf.writeMessage(2, writeType, value);
}

function writeType(value: ValueInfo, pbf: PbfWriter): void {
  pbf.writeMessage(1, writeTensorType, value);
}

function writeTensorType(value: ValueInfo, pbf: PbfWriter): void {
  pbf.writeVarintField(1, ELEMENT_TYPES[value.type]);
  pbf.writeMessage(2, writeShape, value.shape);
}

function writeShape(shape: ValueInfo["shape"], pbf: PbfWriter): void {
  for (const dimension of shape) pbf.writeMessage(1, writeDimension, dimension);
}

function writeDimension(dimension: number | string, pbf: PbfWriter): void {
  if (typeof dimension === "number") pbf.writeVarintField(1, dimension);
  else writeText(pbf, 2, dimension);
}

/** Not pbf's own writer of strings: up to 5.1.2 it garbles characters from U+20000 on. */
function writeText(pbf: PbfWriter, tag: number, text: string): void {
  pbf.writeBytesField(tag, utf8.encode(text));
}

/** ONNX stores raw tensors little-endian whatever the machine. */
function littleEndianBytes(data: Float32Array | BigInt64Array): Uint8Array {
  const bytes = new Uint8Array(data.byteLength);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (typeof value === "bigint") view.setBigInt64(i * 8, value, true);
    else if (value !== undefined) view.setFloat32(i * 4, value, true);
  }
  return bytes;
}
