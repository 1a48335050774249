import { type FlowLabels, joinLabels } from "@oddflow/evaluation";
import {
  type ColumnRole,
  type ContextSpec,
  contextColumns,
  type DecidedRoles,
  featureNames,
  joinEndpoints,
  OddflowError,
  type RoleDecision,
  type RoleSource,
  refuseSlips,
} from "@oddflow/preprocessing";
import { decideRoles, type FlowTable } from "@oddflow/tables";
import {
  cutByTime,
  type EvaluationPlan,
  type FlowDataset,
  splitByTime,
  splitFitAndTest,
  splitRows,
} from "@oddflow/trainer";
import { loadCodedDataset, loadDataset } from "./load-dataset.ts";

/** Which flows are trained on and which are tested. */
export type SplitRequest =
  /** As `splitRows` does. */
  | { readonly kind: "random" }
  /** As `splitByTime` does, by this column, or by the one that is found by its name. */
  | { readonly kind: "time"; readonly column?: string | undefined }
  /** As `splitFitAndTest` does: trained on this table, tested on the other. */
  | { readonly kind: "transfer"; readonly training: FlowTable };

/** What is to be evaluated, and by which rule its flows are split. */
export interface EvaluationRequest {
  /** The labelled table that is tested on, all of it or a part. */
  readonly table: FlowTable;
  readonly splitBy: SplitRequest;
  /** Where roles come from; "auto" where it is absent. */
  readonly roleSource?: RoleSource | undefined;
  /** The user's own, by column. */
  readonly roles?: ReadonlyMap<string, ColumnRole> | undefined;
  /** Which labels are normal, as `normalLabels` takes them. */
  readonly normal?: readonly string[] | undefined;
  /** Adds the columns of this context to the features, of the training table of a transfer as of the tested one. */
  readonly context?: ContextSpec | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A plan, and what the columns of its tables are used for. */
export interface PlannedEvaluation extends EvaluationPlan {
  readonly roles: DecidedRoles;
}

/**
 * Reads what an evaluation needs. A transfer's flows are the training table's, then the tested table's, in the training
 * table's vocabularies. What is dropped from the columns afterwards (`dropColumns`) leaves the splits as they are.
 * @throws OddflowError LABELS_MISSING; COLUMNS_MISSING when the two tables of a transfer do not have the same features;
 * USAGE when no time column is known; TOO_FEW_FLOWS for times that cannot be cut.
 */
export async function planEvaluation(request: EvaluationRequest): Promise<PlannedEvaluation> {
  const { table, splitBy, roleSource = "auto" } = request;
  if (splitBy.kind === "transfer") return planTransfer(request, splitBy.training);
  const roles = await decideRoles(table, roleSource, request.roles ?? new Map(), request.normal);
  refuseSlips(roles);
  const dataset = labelled(table, await loadDataset(table, roles.decisions, request));
  if (splitBy.kind === "random") {
    return { dataset, roles, parts: { kind: "random", flows: table.rows }, split: splitRows };
  }
  const column = splitBy.column ?? (await timeColumnOf(table));
  const times = await table.times(column);
  const { earlier, later, ...cut } = cutByTime(times);
  return {
    dataset,
    roles,
    parts: { kind: "time", column, earlierFlows: earlier.length, laterFlows: later.length, ...cut },
    split: (rows, labels, options) => splitByTime(times, rows, labels, options),
  };
}

async function planTransfer(
  { table, roleSource = "auto", roles: overrides = new Map(), normal, context, signal }: EvaluationRequest,
  training: FlowTable,
): Promise<PlannedEvaluation> {
  // Each table is told of its own columns alone; one that neither has is the training table's to refuse.
  const ofTested = new Map([...overrides].filter(([name]) => hasColumn(table, name)));
  const ofTraining = new Map(
    [...overrides].filter(([name]) => hasColumn(training, name) || !ofTested.has(name)),
  );
  const roles = await decideRoles(training, roleSource, ofTraining, normal);
  refuseSlips(roles);
  const { decisions } = await decideRoles(table, roleSource, ofTested, normal);
  checkSameFeatures(training, roles.decisions, table, decisions);
  const loading = { context, normal, signal };
  const fitted = labelled(training, await loadDataset(training, roles.decisions, loading));
  const own = fitted.columns.slice(0, fitted.columns.length - (context ? contextColumns(context).length : 0));
  const tested = labelled(table, await loadCodedDataset(table, own, decisions, loading));
  const flows = new Float32Array(fitted.flows.length + tested.flows.length);
  flows.set(fitted.flows);
  flows.set(tested.flows, fitted.flows.length);
  const labels = joinLabels(fitted.labels, tested.labels);
  const isTested = (row: number): boolean => row >= training.rows;
  return {
    dataset: {
      columns: fitted.columns,
      flows,
      labels,
      ...(context ? { context } : {}),
      ...(fitted.endpoints && tested.endpoints
        ? { endpoints: joinEndpoints(fitted.endpoints, tested.endpoints) }
        : {}),
      ...(fitted.times && tested.times ? { times: joinTimes(fitted.times, tested.times) } : {}),
    },
    roles,
    parts: { kind: "transfer", trainingFlows: training.rows, testedFlows: table.rows },
    split: (rows, ofRows, options) =>
      splitFitAndTest(
        rows.filter((row) => !isTested(row)),
        rows.filter(isTested),
        ofRows,
        options,
      ),
  };
}

function joinTimes(first: Float64Array, second: Float64Array): Float64Array {
  const times = new Float64Array(first.length + second.length);
  times.set(first);
  times.set(second, first.length);
  return times;
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
