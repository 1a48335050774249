import { describeScorer, type Scorer, type ScorerDescription } from "@oddflow/inference";
import { ContextEncoder } from "@oddflow/preprocessing";
import { countingOf } from "./context-counting.ts";
import type { RecordLimits } from "./limits.ts";
import { createLocalScoring } from "./local-scoring.ts";
import type { Scoring } from "./scoring.ts";
import type { MeasuredModel } from "./scoring-metrics.ts";
import type { ModelOptions } from "./service-options.ts";

/** A model that requests are scored by. */
export interface ServiceModel {
  readonly scorer: ScorerDescription;
  readonly scoring: Scoring;
  /** Where a request names none. */
  readonly threshold: number;
  /** What it is called. */
  readonly version: string;
  /** The same for a header of HTTP, which carries printable ASCII. */
  readonly versionHeader: string;
}

/** @throws RangeError for a threshold that is no number */
export function serviceModel(scorer: Scorer, limits: RecordLimits, options: ModelOptions): ServiceModel {
  checkThreshold(options);
  const { context = scorer.context && ContextEncoder.begin(scorer.context, randomKey()) } = options;
  const {
    scoring = createLocalScoring(scorer, {
      limits,
      rules: options.rules,
      ...(context ? { context: countingOf(context), counts: context.counts } : {}),
    }),
  } = options;
  const version = options.modelVersion ?? dataHash(scorer);
  return {
    scorer: describeScorer(scorer),
    scoring,
    threshold: options.threshold ?? scorer.thresholds.forBudget(),
    version,
    versionHeader: version.replace(/[^ -~]/g, "?"),
  };
}

/** As /metrics says it. */
export function measuredModel({ scorer, threshold, version }: ServiceModel): MeasuredModel {
  return {
    labels: { version, provider: scorer.provider },
    budget: scorer.thresholds.rarityOf(threshold),
  };
}

/** @throws RangeError */
export function checkThreshold({ threshold }: ModelOptions): void {
  if (threshold === undefined || Number.isFinite(threshold)) return;
  throw new RangeError(`threshold is ${threshold}; expected a number`);
}

function randomKey(): [number, number] {
  const [low = 0, high = 0] = crypto.getRandomValues(new Uint32Array(2));
  return [low, high];
}

/** The hash of the data that it was trained on, or "unknown". */
function dataHash({ training }: ScorerDescription): string {
  const data = training["data"];
  const hash = typeof data === "object" && data !== null && "sha256" in data ? data.sha256 : undefined;
  return typeof hash === "string" ? hash : "unknown";
}
