export { checkGraph } from "./check-graph.ts";
export { PORTABLE_PRODUCER } from "./decode-model.ts";
export { encodeModel } from "./encode-model.ts";
export { exposeValue } from "./expose-value.ts";
export { GraphBuilder } from "./graph-builder.ts";
export type {
  Attribute,
  Dimension,
  ElementType,
  Graph,
  GraphNode,
  Initializer,
  Model,
  ValueInfo,
} from "./model.ts";
export { ELEMENT_TYPES } from "./model.ts";
export { DIGEST_KEY, modelDigest, sealModel } from "./model-digest.ts";
export type { ModelSignature } from "./model-signature.ts";
export { addSignature, keyIdOf, readSignature, SIGNATURE_KEY, signedMessage } from "./model-signature.ts";
export type { Shape } from "./operators.ts";
export { DETECTOR_OPERATORS } from "./operators.ts";
export { readGraph } from "./read-graph.ts";
export type { ModelSummary, ValueSummary } from "./read-model.ts";
export { readModelSummary } from "./read-model.ts";
export { replaceMetadata } from "./replace-metadata.ts";
