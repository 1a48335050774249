export { OddflowError } from "@oddflow/preprocessing";
export type { ScoreRequest, Scorer, ScorerThresholds, Scores } from "./scorer.ts";
