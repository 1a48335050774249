export { shareScoringAbove, summariseScores, thresholdForBudget } from "./alert-budget.ts";
export type { DetectorMetadata, ScoreDistribution, Thresholds, TrainingRecord } from "./detector-metadata.ts";
export {
  COLUMN_ERROR_OUTPUT,
  encodeDetectorMetadata,
  FLOWS_INPUT,
  FORMAT_VERSION,
  parseDetectorMetadata,
  RECONSTRUCTION_VALUE,
  SCORE_OUTPUT,
} from "./detector-metadata.ts";
export { encodeModel } from "./encode-model.ts";
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
export { addPreprocessing, featureToColumnMatrix } from "./preprocessing-graph.ts";
export type { ModelSummary, ValueSummary } from "./read-model.ts";
export { readModelSummary } from "./read-model.ts";
export type { ScoreTail } from "./score-tail.ts";
