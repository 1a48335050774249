import { OddflowError } from "@oddflow/preprocessing";
import { PbfReader, PbfWriter } from "pbf";
import { decodeModel } from "./decode-model.ts";
import { writeValueInfo } from "./encode-model.ts";
import { joinBytes } from "./join-bytes.ts";
import type { Dimension } from "./model.ts";

/** Field numbers of onnx.proto3 in the ONNX repository. */
const MODEL_GRAPH = 7;
const GRAPH_OUTPUT = 12;

/**
 * The same ONNX file with a value inside its graph as one more output: float32 of the given shape, row-major.
 *
 * Nothing else changes, so the other outputs stay as they were. The file that was given is left alone; it comes back as
 * it is where the value is an output already.
 * @throws OddflowError MODEL_INVALID when the bytes are no ONNX model or no node of the graph gives such a value.
 */
export function exposeValue(model: Uint8Array, name: string, shape: readonly Dimension[]): Uint8Array {
  const { nodes, outputs } = decodeModel(model).graph;
  if (outputs.some((output) => output.name === name)) return model;
  if (!nodes.some((node) => node.outputs.includes(name))) {
    throw new OddflowError(
      "MODEL_INVALID",
      `expose value: no node of the model's graph gives a value "${name}"; train the model again with this release`,
    );
  }
  const graph = findGraph(model);
  const output = new PbfWriter();
  output.writeMessage(GRAPH_OUTPUT, writeValueInfo, { name, type: "float32", shape });
  const added = output.finish();
  const length = new PbfWriter();
  length.writeVarint(graph.end - graph.start + added.length);
  const chunks = [
    model.subarray(0, graph.lengthAt),
    length.finish(),
    model.subarray(graph.start, graph.end),
    added,
    model.subarray(graph.end),
  ];
  return joinBytes(chunks);
}

interface GraphPlace {
  /** Where the length of the graph's bytes is written. */
  readonly lengthAt: number;
  /** The first of its bytes, and the one after the last. */
  readonly start: number;
  readonly end: number;
}

function findGraph(model: Uint8Array): GraphPlace {
  const reader = new PbfReader(model);
  while (reader.pos < model.length) {
    const field = reader.readVarint();
    const lengthAt = reader.pos;
    if (field >> 3 === MODEL_GRAPH) {
      const length = reader.readVarint();
      return { lengthAt, start: reader.pos, end: reader.pos + length };
    }
    reader.skip(field);
  }
  throw new Error("expose value: a model that has been decoded has a graph");
}
