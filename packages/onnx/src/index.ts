export { DEFAULT_BUDGET, shareScoringAbove, summariseScores, thresholdForBudget } from "./alert-budget.ts";
export type { ColumnErrorDistribution } from "./column-errors.ts";
export { shareOfColumnErrorsAbove, summariseColumnErrors } from "./column-errors.ts";
export type { DetectorMetadata, ScoreDistribution, Thresholds, TrainingRecord } from "./detector-metadata.ts";
export {
  COLUMN_ERROR_OUTPUT,
  encodeDetector,
  encodeDetectorMetadata,
  FLOWS_INPUT,
  FORMAT_KEY,
  FORMAT_VERSION,
  parseDetectorMetadata,
  RECONSTRUCTION_VALUE,
  SCORE_OUTPUT,
} from "./detector-metadata.ts";
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
export { DIGEST_KEY, modelDigest, sealModel } from "./model-digest.ts";
export type { ModelSignature } from "./model-signature.ts";
export { addSignature, keyIdOf, readSignature, SIGNATURE_KEY, signedMessage } from "./model-signature.ts";
export { DETECTOR_OPERATORS } from "./operators.ts";
export { addPreprocessing, addPreprocessings, featureToColumnMatrix } from "./preprocessing-graph.ts";
export type { ModelSummary, ValueSummary } from "./read-model.ts";
export { readModelSummary } from "./read-model.ts";
export type { RecalibratedScores } from "./recalibrate-scores.ts";
export { recalibrateScores } from "./recalibrate-scores.ts";
export { replaceMetadata } from "./replace-metadata.ts";
export { scoreProfile } from "./score-profile.ts";
export type { ScoreTail } from "./score-tail.ts";
export { fitGeneralisedPareto } from "./score-tail.ts";
