export { OddflowError } from "@oddflow/preprocessing";
export { describeSeen } from "./describe-reason.ts";
export type { ExecutionProvider, Provider } from "./provider.ts";
export { PROVIDERS } from "./provider.ts";
export type { ExplainedFlow, Reason } from "./reason.ts";
export type { ExplainRequest, ScoreRequest, Scorer, ScorerThresholds, Scores } from "./scorer.ts";
export type { ExpectedValue, SeenValue, UnseenValue } from "./seen-value.ts";
export { seenValue } from "./seen-value.ts";
export { topColumns } from "./top-columns.ts";
