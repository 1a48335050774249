import { DEFAULT_BUDGET } from "@oddflow/detector";
import { evaluateScores, pickLabels } from "@oddflow/evaluation";
import { createScorer } from "@oddflow/inference/node";
import type { RuleSet } from "@oddflow/rules";
import type { FlowTable, OutputPlace } from "@oddflow/tables";
import type { FlowDataset, TrainedDetector } from "@oddflow/trainer";
import { rate } from "./progress.ts";
import { boundTo } from "./read-rules.ts";
import { ReportedFlows } from "./reported-flows.ts";
import { RuledScores, tableRulings } from "./rules/ruled-scores.ts";
import { namedThreshold, otherThresholds, writeReport } from "./write-report.ts";

/** What a training read and wrote. */
export interface TrainingFiles {
  /** As its user named it. */
  readonly model: string;
  readonly table: FlowTable;
  readonly dataset: FlowDataset;
}

/** Writes the report on a training: what its model makes of the test part, or of the held-back flows where there is none. */
export async function reportOnTraining(
  place: OutputPlace,
  { model, spec, heldBack, test, evaluation, thresholds }: TrainedDetector,
  { model: path, table, dataset: { labels } }: TrainingFiles,
  rules: RuleSet | undefined,
): Promise<void> {
  const isTested = test.rows.length > 0;
  const { rows, flows, scores, columnErrors } = isTested ? test : heldBack;
  const which = isTested ? "the test part" : "held back to set the thresholds";
  const own = labels && pickLabels(labels, rows);
  const reported = new ReportedFlows(spec.columns, own?.isAttack);
  const scorer = await createScorer(model, { provider: "cpu" });
  try {
    const chosen = evaluation?.threshold;
    const value = chosen
      ? (chosen.value ?? Number.POSITIVE_INFINITY)
      : (thresholds.youden ?? scorer.thresholds.forBudget(DEFAULT_BUDGET));
    const others = otherThresholds(scorer.thresholds, value).map((other) => other.value);
    const ruled = rules && new RuledScores(rows.length, [value, ...others]);
    const rulings =
      rules && ruled && (await tableRulings(table, boundTo(rules, table), { rows, scores }, ruled));
    reported.add(flows, { score: scores, errors: columnErrors, ...(rulings ? { rulings } : {}) });
    await writeReport(place, scorer, {
      model: path,
      table,
      flows: `${rate(rows.length)}, ${which}, which the model was not trained on`,
      scores,
      reported,
      rows,
      labels,
      evaluation:
        evaluation && own && ruled
          ? evaluateScores({
              scores,
              ...own,
              suppressed: ruled.suppressed,
              threshold: chosen?.chosenOn === "other flows" ? value : undefined,
            })
          : evaluation,
      ruled,
      threshold:
        chosen?.chosenOn === "these flows"
          ? { name: "best Youden J on these flows", value }
          : namedThreshold(value, scorer.thresholds),
    });
  } finally {
    await scorer.close();
  }
}
