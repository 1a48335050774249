import type { ContextCounts } from "@oddflow/preprocessing";
import {
  type Counter,
  counter,
  exposeCounter,
  exposeGauge,
  exposeHistogram,
  type Histogram,
  histogram,
} from "./exposition.ts";
import type { ScoringCounts } from "./scoring-counts.ts";
import { type MeasuredModel, ScoringMetrics } from "./scoring-metrics.ts";

/** What a service counts, for Prometheus. */
export class ServiceMetrics extends ScoringMetrics {
  /** By code. */
  readonly rejected: Counter = counter();
  /** By method, route and status. */
  readonly requests: Counter = counter();
  /** By the problem that an answer ended with after its status had been sent; "untaken" where nobody took the rest. */
  readonly cutAnswers: Counter = counter();
  /** By the problem that a request was answered with. */
  readonly refusals: Counter = counter();
  /** Seconds, by route. */
  readonly duration: Histogram = histogram();
  /** Seconds a batch took in the model. */
  readonly batchDuration: Histogram = histogram();

  addScored(counts: ScoringCounts): void {
    this.addFlows(counts);
    for (const [code, count] of counts.rejected) this.rejected.add(count, { code });
    for (const seconds of counts.batchSeconds) this.batchDuration.observe(seconds);
  }

  /**
   * @param inFlight requests for scores that are being answered
   * @param context what a model that sees flows in their context has met
   * @param model undefined while there is none
   */
  expose(
    inFlight: number,
    context: Readonly<ContextCounts> | undefined,
    model: MeasuredModel | undefined,
  ): string {
    return [
      this.exposeScoring(context, model),
      exposeCounter("oddflow_rejected_records_total", "Records that were not scored.", this.rejected),
      exposeCounter("oddflow_http_requests_total", "Requests that were answered.", this.requests),
      exposeCounter(
        "oddflow_http_requests_refused_total",
        "Requests that were answered with a problem.",
        this.refusals,
      ),
      exposeCounter(
        "oddflow_answers_cut_total",
        "Answers that ended with a problem after they had begun.",
        this.cutAnswers,
      ),
      exposeHistogram(
        "oddflow_http_request_duration_seconds",
        "Time from a request's headers to the end of its answer.",
        this.duration,
      ),
      exposeHistogram(
        "oddflow_batch_duration_seconds",
        "Time that a batch took in the model.",
        this.batchDuration,
      ),
      exposeGauge("oddflow_requests_in_flight", "Requests for scores that are being answered.", inFlight),
    ].join("");
  }
}
