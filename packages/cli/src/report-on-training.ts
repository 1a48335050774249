import { DEFAULT_BUDGET } from "@oddflow/detector";
import { createScorer } from "@oddflow/inference/node";
import type { FlowTable, OutputPlace } from "@oddflow/tables";
import type { FlowDataset, TrainedDetector } from "@oddflow/trainer";
import { rate } from "./progress.ts";
import { ReportedFlows } from "./reported-flows.ts";
import { labelsOf, namedThreshold, writeReport } from "./write-report.ts";

/** What a training read and wrote. */
export interface TrainingFiles {
  /** As its user named it. */
  readonly model: string;
  readonly table: FlowTable;
  readonly dataset: FlowDataset;
}

/** Writes the report on a training: what its model makes of the test part. */
export async function reportOnTraining(
  place: OutputPlace,
  { model, spec, test, evaluation, thresholds }: TrainedDetector,
  { model: path, table, dataset: { labels } }: TrainingFiles,
): Promise<void> {
  const reported = new ReportedFlows(spec.columns, labels && labelsOf(labels, test.rows));
  reported.add(test.flows, { score: test.scores, errors: test.columnErrors });
  const scorer = await createScorer(model, { provider: "cpu" });
  try {
    const chosen = evaluation?.threshold;
    const value = chosen
      ? (chosen.value ?? Number.POSITIVE_INFINITY)
      : (thresholds.youden ?? scorer.thresholds.forBudget(DEFAULT_BUDGET));
    await writeReport(place, scorer, {
      model: path,
      table,
      flows: `${rate(test.rows.length)}, the test part, which the model was not trained on`,
      scores: test.scores,
      reported,
      rows: test.rows,
      labels,
      evaluation,
      threshold:
        chosen?.chosenOn === "these flows"
          ? { name: "best Youden J on these flows", value }
          : namedThreshold(value, scorer.thresholds),
    });
  } finally {
    await scorer.close();
  }
}
