import type { ContextEncoder } from "@oddflow/preprocessing";
import type { RuleSet } from "@oddflow/rules";
import type { ServiceLimits } from "./limits.ts";
import type { Scoring } from "./scoring.ts";

/** How flows are scored by one model. */
export interface ModelOptions {
  /** The score from which on a flow is an anomaly where a request names none. Default: a budget of 1 % of usual flows. */
  readonly threshold?: number;
  /**
   * What a model that sees flows in their context has counted before, which the host may save when the service has drained; it begins
   * with no flow where it is absent. The flows of all requests are each other's context, in the order in which they come.
   */
  readonly context?: ContextEncoder;
  /** What is said of alarms, where records are scored in this thread; `parseRules` of `@oddflow/rules` reads them. */
  readonly rules?: RuleSet;
  /** Where records are scored: in this thread, by the scorer, where it is absent. It has its own context then. */
  readonly scoring?: Scoring;
  /**
   * What /model, /metrics and the header `oddflow-model` of answers call the model's version; the hash of its training data
   * where it is absent.
   */
  readonly modelVersion?: string;
}

export interface ScoringServiceOptions extends ModelOptions {
  /** Those that are not given are the default ones. */
  readonly limits?: Partial<ServiceLimits>;
  /** Requests but those for /healthz and /openapi.json must have it as their bearer token. */
  readonly token?: string;
  /**
   * Names and addresses, without ports, that the service answers to beside loopback's and the one that a connection came in
   * on; any other is refused, so that no page of a stranger's reads what a service without a token says (DNS rebinding).
   * Not given, it answers to every host: right where a platform finds the service by its name, or a token is asked for.
   */
  readonly hosts?: readonly string[];
}
