export type { EngineChoice, EngineName } from "./choose-engine.ts";
export { chooseEngine, ENGINE_NAMES } from "./choose-engine.ts";
export { fewOfEachKind } from "./cleaning/few-of-each.ts";
export { oddByCompany } from "./cleaning/host-groups.ts";
export type { IsolationForest } from "./cleaning/isolation-forest.ts";
export { fitIsolationForest, isolationScores } from "./cleaning/isolation-forest.ts";
export type { PlantedKind, PlantedLeft } from "./cleaning/planted-attacks.ts";
export { leftOfPlanted, PLANTED_KINDS } from "./cleaning/planted-attacks.ts";
export type { UsualFlows, UsualFlowsOptions } from "./cleaning/usual-flows.ts";
export { findUsualFlows } from "./cleaning/usual-flows.ts";
export type { Cleaning, DetectorName } from "./detector.ts";
export {
  CLEANING_SHARE,
  DEFAULT_CLEANING,
  DETECTOR_NAMES,
  DETECTOR_NETWORK,
  DETECTOR_PREPROCESSING,
  defaultDropout,
  defaultEpochs,
} from "./detector.ts";
export type { DetectorNetwork, DetectorParts } from "./detector-errors.ts";
export { dropColumns } from "./drop-columns.ts";
export type { OptimiserOptions, TrainingEngine, TrainingRun, TrainingStart } from "./engine.ts";
export { DEFAULT_OPTIMISER } from "./engine.ts";
export { errorLimits } from "./error-limits.ts";
export type { ErrorView } from "./error-view.ts";
export { whitenedView } from "./error-view.ts";
export type { EvaluationPlan, RepeatedEvaluationOptions } from "./evaluate-by-training.ts";
export { evaluateByTraining, SEEDS } from "./evaluate-by-training.ts";
export { exportDetector } from "./export-detector.ts";
export type {
  LayerShape,
  LinearLayerWeights,
  NetworkOptions,
  NetworkWeights,
  NormalisedLayerWeights,
} from "./network.ts";
export { DROPOUT, initialWeights, networkShape, UNITS } from "./network.ts";
export type { OnnxEngineOptions } from "./onnx-engine/onnx-engine.ts";
export { createOnnxEngine } from "./onnx-engine/onnx-engine.ts";
export { trainingModel } from "./onnx-engine/training-graph.ts";
export { reconstructionError, residuals } from "./reconstruction.ts";
export type { Split, SplitOptions, SplitRule } from "./split.ts";
export {
  DEFAULT_ATTACKS_IN_TRAINING,
  SUBSET,
  splitFitAndTest,
  splitRows,
  stratifiedSubset,
} from "./split.ts";
export type { TimeCut } from "./split-by-time.ts";
export { cutByTime, splitByTime } from "./split-by-time.ts";
export type { TfjsDescription } from "./tfjs-engine/describe-tfjs.ts";
export { describeTfjs } from "./tfjs-engine/describe-tfjs.ts";
export type { TfjsRuntime } from "./tfjs-engine/load-tfjs.ts";
export type { TfjsEngine, TfjsEngineOptions } from "./tfjs-engine/tfjs-engine.ts";
export { createTfjsEngine } from "./tfjs-engine/tfjs-engine.ts";
export type { TfjsModule } from "./tfjs-engine/tfjs-namespace.ts";
export type { TfjsProvider } from "./tfjs-engine/tfjs-package.ts";
export type { ScoredPart, TrainedDetector } from "./train-detector.ts";
export { trainDetector } from "./train-detector.ts";
export type {
  EpochRecord,
  Schedule,
  TrainedNetwork,
  TrainingData,
  TrainingProgress,
  TrainNetworkOptions,
} from "./train-network.ts";
export { DEFAULT_SCHEDULE, SCHEDULE, trainNetwork } from "./train-network.ts";
export type { TrainedNetworks, UsualNetwork } from "./train-networks.ts";
export type {
  DetectorOptions,
  DetectorProgress,
  FlowDataset,
  FlowSelection,
  Protocol,
  RunOptions,
  ThreadListener,
  TrainingOptions,
  TrainingThread,
} from "./training-options.ts";
export { DEFAULT_DETECTOR, DEFAULT_PROTOCOL, PROTOCOLS, SEED } from "./training-options.ts";
export type { TrainingWindow } from "./training-window.ts";
export { ATTACKS_IN_TRAINING } from "./training-window.ts";
