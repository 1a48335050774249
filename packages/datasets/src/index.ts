export { loadCodedDataset, loadDataset, loadLabels } from "./load-dataset.ts";
export type { EvaluationRequest, PlannedEvaluation, SplitRequest } from "./plan-evaluation.ts";
export { planEvaluation } from "./plan-evaluation.ts";
