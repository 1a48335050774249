import { planEvaluation } from "@oddflow/datasets";
import { openTable } from "@oddflow/tables";
import { dropColumns, type EvaluationPlan, type Split } from "@oddflow/trainer";
import { type DetectionCase, tablePath } from "./cases.ts";

/** The flows of a case, and one seed's parts of them; every detector gets these and no others. */
export interface CaseFlows {
  readonly dataset: EvaluationPlan["dataset"];
  split(seed: number): Split;
}

/** @throws OddflowError what reading and splitting throw. */
export async function readCaseFlows(detectionCase: DetectionCase): Promise<CaseFlows> {
  const { tables, byTime, contamination, drop } = detectionCase;
  const [first, second] = tables;
  const table = await openTable([tablePath(second ?? first)]);
  const training = second === undefined ? undefined : await openTable([tablePath(first)]);
  try {
    const plan = await planEvaluation({
      table,
      parts: training ? { kind: "transfer", training } : { kind: byTime ? "time" : "random" },
    });
    const { labels } = plan.dataset;
    const rows = Uint32Array.from(labels.isAttack, (_, row) => row);
    return {
      dataset: { ...dropColumns(plan.dataset, drop), labels },
      split: (seed) => plan.split(rows, labels, { seed, attacksInTraining: contamination }),
    };
  } finally {
    training?.close();
    table.close();
  }
}

/** One a test flow: 0 is normal, 1 an attack. */
export function testLabels({ dataset }: CaseFlows, { test }: Split): Uint8Array {
  return Uint8Array.from(test, (row) => dataset.labels.isAttack[row] ?? 0);
}
