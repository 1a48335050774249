export { loadCodedDataset, loadDataset, loadLabels } from "./load-dataset.ts";
export type { EvaluationRequest, PartsRequest, PlannedEvaluation } from "./plan-evaluation.ts";
export { planEvaluation } from "./plan-evaluation.ts";
