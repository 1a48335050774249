import { planEvaluation } from "@oddflow/datasets";
import type { FlowLabels } from "@oddflow/evaluation";
import { decideContext, type FlowTable, openTable } from "@oddflow/tables";
import {
  dropColumns,
  type EvaluationPlan,
  type Split,
  type SplitRule,
  splitFitAndTest,
  stratifiedSubset,
  type TrainingWindow,
} from "@oddflow/trainer";
import { type DetectionTable, tablePath } from "./cases.ts";
import type { Scenario } from "./scenarios.ts";

/** The flows of a table, and their parts for a seed and a scenario; every detector gets these and no others. */
export interface TableFlows {
  readonly dataset: EvaluationPlan["dataset"];
  /** @throws OddflowError TOO_FEW_FLOWS for a scenario that the table cannot fill */
  split(seed: number, scenario: Scenario): Split;
}

const FITTED_SHARE = 0.7;
/** More kinds of attacks than these are one. */
const MOST_KINDS = 1024;

/** @throws OddflowError what reading and splitting throw. */
export async function readTableFlows(detectionTable: DetectionTable): Promise<TableFlows> {
  const { paths, parts, drop, network, kinds } = detectionTable;
  const [first, second] = paths;
  const table = await openTable([tablePath(second ?? first)]);
  const training = second === undefined ? undefined : await openTable([tablePath(first)]);
  try {
    const context = await decideContext(training ?? table, { network });
    const plan = await planEvaluation({
      table,
      splitBy: training ? { kind: "transfer", training } : { kind: parts === "time" ? "time" : "random" },
      ...(network === undefined ? {} : { roles: new Map([[network, "identifier"]]) }),
      ...("spec" in context ? { context: context.spec } : {}),
    });
    const { endpoints } = plan.dataset;
    const windowOf = ({ contamination, mix }: Scenario): TrainingWindow => ({
      contamination,
      mix,
      sources: endpoints?.source,
    });
    const { isAttack } = plan.dataset.labels;
    const labels: FlowLabels =
      kinds === undefined ? plan.dataset.labels : { isAttack, attackTypes: await readKinds(table, kinds) };
    const rows = Uint32Array.from(labels.isAttack, (_, row) => row);
    const rule = parts === "70 %" ? splitShares : plan.split;
    return {
      dataset: { ...dropColumns(plan.dataset, drop), labels },
      split: (seed, scenario) => rule(rows, labels, { seed, window: windowOf(scenario) }),
    };
  } finally {
    training?.close();
    table.close();
  }
}

/** Trains on the same share of every kind of traffic, and tests on the rest. */
const splitShares: SplitRule = (rows, labels, options) => {
  const fitted = stratifiedSubset(rows.length, labels, FITTED_SHARE, options.seed);
  const isFitted = new Set(fitted);
  const tested = rows.filter((row) => !isFitted.has(row));
  return splitFitAndTest(fitted, tested, labels, options);
};

/** The kinds that a column names. */
async function readKinds(
  table: FlowTable,
  name: string,
): Promise<{ readonly names: readonly string[]; readonly codes: Float32Array }> {
  const vocabulary = await table.distinctValues(name, "text", MOST_KINDS);
  const codes = new Float32Array(table.rows);
  let first = 0;
  for await (const { columns, rows } of table.scan([
    { kind: "category", name, valueType: "text", vocabulary },
  ])) {
    codes.set(columns[0] ?? [], first);
    first += rows;
  }
  return { names: vocabulary, codes };
}

/** The labels of a test part, flow by flow; never shown to a detector. */
export function testLabels({ dataset: { labels } }: TableFlows, { test }: Split): FlowLabels {
  const types = labels.attackTypes;
  return {
    isAttack: Uint8Array.from(test, (row) => labels.isAttack[row] ?? 0),
    ...(types
      ? {
          attackTypes: {
            names: types.names,
            codes: Float32Array.from(test, (row) => types.codes[row] ?? Number.NaN),
          },
        }
      : {}),
  };
}
