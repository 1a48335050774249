import type { ContextCounts } from "@oddflow/preprocessing";
import { type Counter, counter, exposeCounter, exposeGauge } from "./exposition.ts";
import type { ScoringCounts } from "./scoring-counts.ts";

/** The model that scores, as metrics say it. */
export interface MeasuredModel {
  /** What tells it. */
  readonly labels: Readonly<Record<string, string>>;
  /** The share of usual flows, 0 to 1, whose score reaches the threshold. */
  readonly budget: number;
}

/**
 * What scoring counts, for Prometheus, wherever flows come from. prom-client, the usual library, reads the process's memory and
 * event loop through Node's own modules; this needs a clock and nothing else.
 */
export class ScoringMetrics {
  readonly flows: Counter = counter();
  readonly alerts: Counter = counter();
  /** By rule. */
  readonly suppressed: Counter = counter();
  readonly missing: Counter = counter();
  /** By column. */
  readonly unseen: Counter = counter();
  /** By what became of models that were to take the place of the one before. */
  readonly modelChanges: Counter = counter();
  /** Whether the last of them, if there was one, scores. */
  #isLastTaken = true;

  constructor() {
    // Those without labels are there from the beginning, so that their growth is known from the first on.
    for (const each of [this.flows, this.alerts, this.missing]) each.add(0);
    for (const result of ["taken", "refused"]) this.modelChanges.add(0, { result });
  }

  addModelChange(result: "taken" | "refused"): void {
    this.modelChanges.add(1, { result });
    this.#isLastTaken = result === "taken";
  }

  addFlows({
    flows,
    alerts,
    suppressed,
    missing,
    unseen,
  }: Pick<ScoringCounts, "flows" | "alerts" | "suppressed" | "missing" | "unseen">): void {
    this.flows.add(flows);
    this.alerts.add(alerts);
    this.missing.add(missing);
    for (const [rule, count] of suppressed) this.suppressed.add(count, { rule });
    for (const [column, count] of unseen) this.unseen.add(count, { column });
  }

  /**
   * @param context what a model that sees flows in their context has met
   * @param model undefined while there is none
   */
  exposeScoring(context: Readonly<ContextCounts> | undefined, model: MeasuredModel | undefined): string {
    return [
      exposeCounter("oddflow_flows_total", "Flows that were scored.", this.flows),
      exposeCounter(
        "oddflow_alerts_total",
        "Flows whose score reached the threshold, without those that rules took away.",
        this.alerts,
      ),
      exposeCounter(
        "oddflow_suppressed_alarms_total",
        "Flows whose score reached the threshold and whose alarm a rule took away.",
        this.suppressed,
      ),
      exposeCounter(
        "oddflow_unseen_categories_total",
        "Values that a column's vocabulary lacks.",
        this.unseen,
      ),
      exposeCounter(
        "oddflow_missing_values_total",
        "Values that were absent, blank or not finite.",
        this.missing,
      ),
      context === undefined ? "" : exposeContext(context),
      exposeCounter(
        "oddflow_model_changes_total",
        "Models that took the place of the one before, or were refused.",
        this.modelChanges,
      ),
      exposeGauge(
        "oddflow_model_last_change_successful",
        "Whether the last model that was to score does.",
        Number(this.#isLastTaken),
      ),
      model === undefined ? "" : exposeModel(model),
    ].join("");
  }
}

function exposeModel({ labels, budget }: MeasuredModel): string {
  return (
    exposeGauge("oddflow_model_info", "The model that scores.", 1, labels) +
    exposeGauge(
      "oddflow_alert_budget_ratio",
      "The share of usual flows whose score reaches the threshold.",
      budget,
    )
  );
}

function exposeContext({ evicted, tooLate, restarts, unplaced }: ContextCounts): string {
  const flows = counter();
  flows.add(evicted, { why: "evicted" });
  flows.add(tooLate, { why: "too_late" });
  flows.add(unplaced, { why: "unplaced" });
  const begun = counter();
  begun.add(restarts);
  return (
    exposeCounter(
      "oddflow_context_flows_total",
      "Flows that left the context for want of room, came later than its longest window, or have no context.",
      flows,
    ) +
    exposeCounter(
      "oddflow_context_restarts_total",
      "Times that context began anew, since time was set back.",
      begun,
    )
  );
}
