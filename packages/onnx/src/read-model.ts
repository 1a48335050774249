import { type DecodedGraph, decodeModel, type ValueSummary } from "./decode-model.ts";
import { modelDigest } from "./model-digest.ts";

export type { ValueSummary } from "./decode-model.ts";

/** What can be known of a model file without running it. */
export interface ModelSummary {
  readonly metadata: ReadonlyMap<string, string>;
  readonly producer: string;
  /** The default operator set's version; 0 when the file names none. */
  readonly opset: number;
  readonly nodes: number;
  readonly inputs: readonly ValueSummary[];
  readonly outputs: readonly ValueSummary[];
  /** SHA-256 of the file, in hexadecimal digits, as `modelDigest` has it. */
  readonly digest: string;
  readonly graph: DecodedGraph;
}

/**
 * Reads what an ONNX file holds from its bytes; weights are not copied. Runs anywhere.
 * @throws OddflowError MODEL_INVALID when the bytes are no ONNX model, end too early, or hold what `decodeModel` refuses.
 */
export function readModelSummary(bytes: Uint8Array): ModelSummary {
  const { metadata, producer, opset, graph } = decodeModel(bytes);
  const { inputs, outputs } = graph;
  const digest = modelDigest(bytes);
  return { metadata, producer, opset, nodes: graph.nodes.length, inputs, outputs, digest, graph };
}
