export type { HostCheck } from "./host-check.ts";
export { createHostCheck } from "./host-check.ts";
export type { ServiceLimits } from "./limits.ts";
export { DEFAULT_LIMITS } from "./limits.ts";
export type { ProblemDetails, Rejection } from "./problem.ts";
export type { Connection, ScoringService, ScoringServiceOptions } from "./scoring-service.ts";
export { createScoringService } from "./scoring-service.ts";
