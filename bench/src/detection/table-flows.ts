import { planEvaluation } from "@oddflow/datasets";
import type { FlowLabels } from "@oddflow/evaluation";
import type { ContextSpec } from "@oddflow/preprocessing";
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
/** More addresses than these are one source. */
const MOST_TEXTS = 1_000_000;

/** @throws OddflowError what reading and splitting throw. */
export async function readTableFlows(detectionTable: DetectionTable): Promise<TableFlows> {
  const { paths, parts, drop, network, kinds } = detectionTable;
  const [first, second] = paths;
  const table = await openTable([tablePath(second ?? first)]);
  const training = second === undefined ? undefined : await openTable([tablePath(first)]);
  try {
    const context = await decideContext(training ?? table, network);
    const plan = await planEvaluation({
      table,
      parts: training ? { kind: "transfer", training } : { kind: parts === "time" ? "time" : "random" },
      ...(network === undefined ? {} : { roles: new Map([[network, "identifier"]]) }),
      ...("spec" in context ? { context: context.spec } : {}),
    });
    const sources =
      "spec" in context && training === undefined ? await readSources(table, context.spec) : undefined;
    const windowOf = ({ contamination, mix }: Scenario): TrainingWindow => ({
      contamination,
      mix,
      ...(sources ? { sources } : {}),
    });
    const { isAttack } = plan.dataset.labels;
    const labels: FlowLabels =
      kinds === undefined ? plan.dataset.labels : { isAttack, attackTypes: await readTexts(table, kinds) };
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

/** One code a row for the flow's source: of several columns the first that says one. */
async function readSources(table: FlowTable, { source }: ContextSpec): Promise<Float32Array> {
  const sources = new Float32Array(table.rows).fill(Number.NaN);
  for (const [k, name] of source.entries()) {
    const { codes } = await readTexts(table, name);
    codes.forEach((code, row) => {
      if (Number.isNaN(sources[row] ?? 0)) sources[row] = source.length * code + k;
    });
  }
  return sources;
}

/** A column's values as codes of its distinct texts. */
async function readTexts(
  table: FlowTable,
  name: string,
): Promise<{ readonly names: readonly string[]; readonly codes: Float32Array }> {
  const vocabulary = await table.distinctValues(name, "text", MOST_TEXTS);
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
