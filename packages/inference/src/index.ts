export { OddflowError } from "@oddflow/preprocessing";
export type { AnomalyReasons } from "./anomaly-reasons.ts";
export { anomalyReasons } from "./anomaly-reasons.ts";
export { describeSeen } from "./describe-reason.ts";
export type { ExplainedFlow, Reason } from "./reason.ts";
export { filledUp } from "./rows-at-once.ts";
export type { ExplainRequest, ScoreRequest, Scorer, ScorerThresholds, Scores } from "./scorer.ts";
export type { ExpectedValue, SeenValue, UnseenValue } from "./seen-value.ts";
export { seenValue } from "./seen-value.ts";
