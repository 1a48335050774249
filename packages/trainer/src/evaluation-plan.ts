import { type EvaluationParts, type FlowLabels, joinLabels } from "@oddflow/evaluation";
import {
  type ColumnRole,
  type DecidedRoles,
  featureNames,
  OddflowError,
  type RoleDecision,
  refuseSlips,
} from "@oddflow/preprocessing";
import { decideRoles, type FlowTable } from "@oddflow/tables";
import { loadCodedDataset, loadDataset } from "./load-dataset.ts";
import { type Split, type SplitOptions, splitFitAndTest, splitRows } from "./split.ts";
import { cutByTime, splitByTime } from "./split-by-time.ts";
import type { FlowDataset } from "./training-options.ts";
import type { TrainingWindow } from "./training-window.ts";

/** Which flows are trained on and which are tested. */
export type PartsRequest =
  /** As `splitRows` does. */
  | { readonly kind: "random" }
  /** As `splitByTime` does, by this column, or by the one that is found by its name. */
  | { readonly kind: "time"; readonly column?: string }
  /** As `splitFitAndTest` does: trained on this table, tested on the other. */
  | { readonly kind: "transfer"; readonly training: FlowTable };

export interface EvaluationRequest {
  /** The labelled table that is tested on, all of it or a part. */
  readonly table: FlowTable;
  readonly parts: PartsRequest;
  /** See `SplitOptions`; for a cut by time 0 where it is absent. */
  readonly contamination?: number;
  readonly roles?: ReadonlyMap<string, ColumnRole>;
  readonly signal?: AbortSignal;
}

/** The flows of an evaluation that trains anew, and the parts that every seed makes of them. */
export interface EvaluationPlan {
  /** Of a transfer: the training table's flows, then the tested table's, in the training table's vocabularies. */
  readonly dataset: FlowDataset & { readonly labels: FlowLabels };
  readonly roles: DecidedRoles;
  readonly parts: EvaluationParts;
  /**
   * The same seed gives the same split, and the same test part whatever is among the training flows.
   * @param window takes the place of the request's contamination
   */
  split(seed: number, window?: TrainingWindow): Split;
}

/**
 * Reads what an evaluation needs. What is dropped from the columns afterwards (`dropColumns`) leaves the splits as they are.
 * @throws OddflowError LABELS_MISSING; COLUMNS_MISSING when the two tables of a transfer do not have the same features;
 * USAGE when no time column is known; OPTION_RANGE and TOO_FEW_FLOWS for what cannot be split.
 */
export async function planEvaluation(request: EvaluationRequest): Promise<EvaluationPlan> {
  const { table, parts } = request;
  if (parts.kind === "transfer") return planTransfer(request, parts.training);
  const roles = await decideRoles(table, "auto", request.roles ?? new Map());
  refuseSlips(roles);
  const dataset = labelled(table, await loadDataset(table, roles.decisions, request.signal));
  const splitOptions = optionsOfSplits(request);
  if (parts.kind === "random") {
    const rows = allRows(0, table.rows);
    return {
      dataset,
      roles,
      parts: { kind: "random", flows: table.rows },
      split: (seed, window) => splitRows(rows, dataset.labels, splitOptions(seed, window)),
    };
  }
  const column = parts.column ?? (await timeColumnOf(table));
  const times = await table.times(column);
  const { earlier, later, ...cut } = cutByTime(times);
  return {
    dataset,
    roles,
    parts: { kind: "time", column, earlierFlows: earlier.length, laterFlows: later.length, ...cut },
    split: (seed, window) => splitByTime(times, dataset.labels, splitOptions(seed, window)),
  };
}

async function planTransfer(request: EvaluationRequest, training: FlowTable): Promise<EvaluationPlan> {
  const { table, roles: overrides = new Map(), signal } = request;
  // Each table is told of its own columns alone; one that neither has is the training table's to refuse.
  const ofTested = new Map([...overrides].filter(([name]) => hasColumn(table, name)));
  const ofTraining = new Map(
    [...overrides].filter(([name]) => hasColumn(training, name) || !ofTested.has(name)),
  );
  const roles = await decideRoles(training, "auto", ofTraining);
  refuseSlips(roles);
  const { decisions } = await decideRoles(table, "auto", ofTested);
  checkSameFeatures(training, roles.decisions, table, decisions);
  const fitted = labelled(training, await loadDataset(training, roles.decisions, signal));
  const tested = labelled(table, await loadCodedDataset(table, fitted.columns, decisions, signal));
  const flows = new Float32Array(fitted.flows.length + tested.flows.length);
  flows.set(fitted.flows);
  flows.set(tested.flows, fitted.flows.length);
  const labels = joinLabels(fitted.labels, tested.labels);
  const fitRows = allRows(0, training.rows);
  const testRows = allRows(training.rows, table.rows);
  const splitOptions = optionsOfSplits(request);
  return {
    dataset: { columns: fitted.columns, flows, labels },
    roles,
    parts: { kind: "transfer", trainingFlows: training.rows, testedFlows: table.rows },
    split: (seed, window) => splitFitAndTest(fitRows, testRows, labels, splitOptions(seed, window)),
  };
}

function optionsOfSplits({ contamination }: EvaluationRequest) {
  return (seed: number, window: TrainingWindow | undefined): SplitOptions => ({
    seed,
    ...(contamination === undefined ? {} : { contamination }),
    ...(window === undefined ? {} : { window }),
  });
}

/** A column that is a feature of one table must be a column of the other. */
function checkSameFeatures(
  training: FlowTable,
  trained: readonly RoleDecision[],
  tested: FlowTable,
  found: readonly RoleDecision[],
): void {
  const check = (lacking: FlowTable, other: FlowTable, decisions: readonly RoleDecision[]): void => {
    const missing = featureNames(decisions).filter((name) => !hasColumn(lacking, name));
    if (missing.length === 0) return;
    throw new OddflowError(
      "COLUMNS_MISSING",
      `evaluate: ${lacking.paths[0]} lacks ${missing.length} ${missing.length === 1 ? "feature" : "features"} of ${other.paths[0]}: ` +
        `${missing.map((name) => `"${name}"`).join(", ")}; a table is tested on one with the same columns: add or rename ` +
        "them, or leave them out with --role COLUMN=identifier",
    );
  };
  check(training, tested, found);
  check(tested, training, trained);
}

function labelled(table: FlowTable, dataset: FlowDataset): FlowDataset & { readonly labels: FlowLabels } {
  const { labels } = dataset;
  if (labels !== undefined) return { ...dataset, labels };
  throw new OddflowError(
    "LABELS_MISSING",
    `evaluate: ${table.paths[0]} has no labels (columns: ${table.columns.map(({ name }) => name).join(", ")}); ` +
      "name the label column with --role COLUMN=label",
  );
}

async function timeColumnOf(table: FlowTable): Promise<string> {
  const column = await table.timeColumn();
  if (column !== undefined) return column;
  throw new OddflowError(
    "USAGE",
    `evaluate: ${table.paths[0]} has no column that is known to hold times; name it with --time COLUMN`,
  );
}

function hasColumn(table: FlowTable, name: string): boolean {
  return table.columns.some((column) => column.name === name);
}

function allRows(first: number, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => first + i);
}
