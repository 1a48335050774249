export type { AttackTypeDetection, AttackTypeShare, AttackTypes } from "./attack-types.ts";
export { type ChangedScores, mostChanged } from "./changed-sides.ts";
export type { ScoreArray } from "./check-scores.ts";
export type { ClassificationReport, ClassMetrics, ConfusionMatrix } from "./classification.ts";
export { classificationReport, confusionMatrix } from "./classification.ts";
export type {
  ComparedAlarms,
  ComparedScores,
  LabelledComparison,
  OldAndNew,
  ScoreComparison,
} from "./compare-scores.ts";
export { compareScores } from "./compare-scores.ts";
export type { LabelledScores } from "./evaluate-scores.ts";
export { evaluateScores } from "./evaluate-scores.ts";
export type {
  EvaluationReport,
  EvaluationThreshold,
  FalseAlarmDetection,
  LabelShare,
} from "./evaluation-report.ts";
export { formatComparison } from "./format-comparison.ts";
export { formatEvaluation } from "./format-evaluation.ts";
export { formatLeaks } from "./format-leaks.ts";
export { formatRepeatedEvaluation } from "./format-repeated-evaluation.ts";
export type { FlowLabels, LabelColumns } from "./labels.ts";
export { allAttacksText, joinLabels, pickLabels, readLabels } from "./labels.ts";
export type { CodedFlows, ColumnSeparation } from "./own-roc-auc.ts";
export { LEAK_ROC_AUC, labelLeaks, ownRocAucs, separationRows } from "./own-roc-auc.ts";
export type { PrecisionRecallCurve } from "./precision-recall-curve.ts";
export { averagePrecision, precisionRecallCurve } from "./precision-recall-curve.ts";
export type {
  AttackKindDetection,
  DetectionFigures,
  EvaluatedColumns,
  EvaluationParts,
  MeanAndDeviation,
  RepeatedEvaluation,
  SeedEvaluation,
} from "./repeated-evaluation.ts";
export { detectionFigures, summariseSeeds } from "./repeated-evaluation.ts";
export type { RocCurve, RocPoint } from "./roc-curve.ts";
export { detectionAtFalsePositiveRate, rocAuc, rocCurve, youdenThreshold } from "./roc-curve.ts";
export type { NamedThreshold, RuledAlarms } from "./ruled-alarms.ts";
export { formatRuledAlarms, ruledAlarms } from "./ruled-alarms.ts";
export type { ScoreSpread } from "./score-spread.ts";
export { alignedLines, printableName } from "./text-table.ts";
