export type { EngineChoice, EngineName, TrainingProvider } from "./choose-engine.ts";
export { chooseEngine, ENGINE_NAMES, TRAINING_PROVIDERS } from "./choose-engine.ts";
export type { DetectorName, ScoreRule } from "./detector.ts";
export { DETECTOR_NAMES, DETECTOR_PREPROCESSING, relativeErrorRule } from "./detector.ts";
export type { OptimiserOptions, TrainingEngine, TrainingRun, TrainingStart } from "./engine.ts";
export { DEFAULT_OPTIMISER } from "./engine.ts";
export type {
  AttackTypeDetection,
  AttackTypeShare,
  AttackTypes,
  ClassificationReport,
  ClassMetrics,
  ConfusionMatrix,
  EvaluationReport,
  EvaluationThreshold,
  FalseAlarmDetection,
  LabelShare,
  PrecisionRecallCurve,
  RocCurve,
  RocPoint,
  ScoredFlows,
} from "./evaluation/index.ts";
export {
  averagePrecision,
  classificationReport,
  confusionMatrix,
  detectionAtFalsePositiveRate,
  evaluateScores,
  formatEvaluation,
  precisionRecallCurve,
  rocAuc,
  rocCurve,
  youdenThreshold,
} from "./evaluation/index.ts";
export { exportDetector } from "./export-detector.ts";
export type { FlowLabels, LabelColumns } from "./labels.ts";
export { readLabels } from "./labels.ts";
export type {
  LayerShape,
  LinearLayerWeights,
  NetworkOptions,
  NetworkWeights,
  NormalisedLayerWeights,
} from "./network.ts";
export { DEFAULT_NETWORK, initialWeights, networkShape } from "./network.ts";
export type { OnnxEngineOptions } from "./onnx-engine/onnx-engine.ts";
export { createOnnxEngine } from "./onnx-engine/onnx-engine.ts";
export { trainingModel } from "./onnx-engine/training-graph.ts";
export { featureErrors, reconstructionError } from "./reconstruction.ts";
export type { Split, SplitOptions } from "./split.ts";
export { splitRows, stratifiedSubset } from "./split.ts";
export type { TfjsDescription } from "./tfjs-engine/describe-tfjs.ts";
export { describeTfjs } from "./tfjs-engine/describe-tfjs.ts";
export type { TfjsRuntime } from "./tfjs-engine/load-tfjs.ts";
export type { TfjsEngine, TfjsEngineOptions } from "./tfjs-engine/tfjs-engine.ts";
export { createTfjsEngine } from "./tfjs-engine/tfjs-engine.ts";
export type { TfjsModule } from "./tfjs-engine/tfjs-namespace.ts";
export type { TfjsProvider } from "./tfjs-engine/tfjs-package.ts";
export type { TrainedDetector } from "./train-detector.ts";
export { DEFAULT_BUDGET, trainDetector } from "./train-detector.ts";
export type {
  EpochRecord,
  Schedule,
  TrainedNetwork,
  TrainingData,
  TrainingProgress,
  TrainNetworkOptions,
} from "./train-network.ts";
export { DEFAULT_SCHEDULE, defaultEpochs, trainNetwork } from "./train-network.ts";
export type { FlowDataset, Protocol, TrainDetectorOptions } from "./training-options.ts";
