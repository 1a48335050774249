export type { ServiceLimits } from "./limits.ts";
export { DEFAULT_LIMITS } from "./limits.ts";
export type { ProblemDetails, Rejection } from "./problem.ts";
export type { ScoringService, ScoringServiceOptions } from "./scoring-service.ts";
export { createScoringService } from "./scoring-service.ts";
