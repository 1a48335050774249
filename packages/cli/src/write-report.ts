import { basename, resolve } from "node:path";
import {
  type ColumnSeparation,
  type EvaluationReport,
  type FlowLabels,
  pickLabels,
} from "@oddflow/evaluation";
import type { Scorer, ScorerThresholds } from "@oddflow/inference";
import { OddflowError } from "@oddflow/preprocessing";
import type { ReportFlow, ReportThreshold } from "@oddflow/report";
import { type FlowTable, findOutputPlace, type OutputPlace } from "@oddflow/tables";
import { oddestReasons } from "./format-oddest.ts";
import type { OddFlow } from "./oddest-flows.ts";
import { rate } from "./progress.ts";
import { DEFAULT_REASONS } from "./reason-count.ts";
import type { ReportedFlows } from "./reported-flows.ts";
import type { RuledScores } from "./rules/ruled-scores.ts";
import { shownPath } from "./shown-paths.ts";

/** Alert budgets whose thresholds every report shows. */
const DRAWN_BUDGETS = [0.01, 0.001];

/** What a command knows of the flows that it reports on. */
export interface ReportSubject {
  readonly model: string;
  readonly table: FlowTable;
  /** Which of the table's flows were scored, in words. */
  readonly flows: string;
  readonly scores: Float32Array;
  readonly reported: ReportedFlows;
  /** The row in the table of each scored flow; absent where all were scored in their order. */
  readonly rows?: Uint32Array;
  /** Of all the table's flows. */
  readonly labels?: FlowLabels | undefined;
  readonly evaluation?: EvaluationReport | undefined;
  /** Columns that tell the labels by themselves. */
  readonly leaks?: readonly ColumnSeparation[] | undefined;
  readonly threshold: ReportThreshold;
  readonly ruled?: RuledScores | undefined;
}

/**
 * Finds where a report is going to be written, before anything takes long.
 * @throws OddflowError what `findOutputPlace` throws; USAGE when the report would take the place of another output
 */
export async function findReportPlace(
  path: string,
  table: FlowTable,
  {
    inputs = [],
    outputs = [],
  }: { readonly inputs?: readonly (string | undefined)[]; readonly outputs?: readonly string[] },
): Promise<OutputPlace> {
  if (outputs.some((output) => resolve(output) === resolve(path))) {
    throw new OddflowError("USAGE", `--report ${path}: the model is written there; name another file`);
  }
  return findOutputPlace(
    path,
    [...table.paths, ...inputs].flatMap((input) => (input === undefined ? [] : [{ path: input }])),
  );
}

/** Writes a report, whole or not at all. */
export async function writeReport(place: OutputPlace, scorer: Scorer, subject: ReportSubject): Promise<void> {
  const {
    model,
    table,
    flows,
    scores,
    reported,
    rows,
    labels,
    leaks = [],
    evaluation,
    threshold,
    ruled,
  } = subject;
  const [first = "", ...more] = table.paths;
  // The plotting library takes a moment to load, which nobody without a report should wait for.
  const { lossesOfRecord, renderReport } = await import("@oddflow/report");
  const times = await timesOf(table, scorer.context?.time, rows);
  const page = renderReport({
    title: `${basename(model)} on ${basename(first)}${more.length > 0 ? ` and ${more.length} more` : ""}`,
    facts: [
      ["Model", model],
      ["Table", table.paths.map(shownPath).join(", ")],
      ["Flows", flows],
      ...(leaks.length > 0 ? [leaksFact(leaks)] : []),
      ...(ruled === undefined ? [] : [rulesFact(ruled)]),
      ...["detector", "protocol", "seed"].flatMap((key) => recordFact(scorer.training, key)),
    ],
    scores,
    ...(ruled === undefined ? {} : { suppressed: ruled.suppressed }),
    ...(times ? { times } : {}),
    ...(labels && evaluation
      ? { labels: { isAttack: (rows ? pickLabels(labels, rows) : labels).isAttack, evaluation } }
      : {}),
    thresholds: [threshold, ...otherThresholds(scorer.thresholds, threshold.value)],
    losses: lossesOfRecord(scorer.training),
    columnErrors: reported.columnErrors,
    oddest: await oddestFlows(scorer, reported.oddest, rows, labels),
    training: scorer.training,
    columns: scorer.columns,
  });
  await place.fill(new TextEncoder().encode(page));
  await place.take();
}

/** The thresholds that a report shows beside the one in use. */
export function otherThresholds(thresholds: ScorerThresholds, inUse: number): ReportThreshold[] {
  return knownThresholds(thresholds).filter(({ value }) => value !== inUse);
}

/** When the scored flows were; undefined where no column says it. */
async function timesOf(
  table: FlowTable,
  ofContext: string | undefined,
  rows: Uint32Array | undefined,
): Promise<Float64Array | undefined> {
  const column = ofContext ?? (await table.timeColumn());
  if (column === undefined) return undefined;
  try {
    const times = await table.times(column);
    return rows === undefined ? times : Float64Array.from(rows, (row) => times[row] as number);
  } catch (error) {
    // A column may be called "time" and hold none; a report that is asked for says what else it can.
    if (error instanceof OddflowError && error.code === "COLUMN_TYPE") return undefined;
    throw error;
  }
}

/** A threshold by what it is to the model: its best Youden J, or its default budget; otherwise it was given. */
export function namedThreshold(value: number, thresholds: ScorerThresholds): ReportThreshold {
  return knownThresholds(thresholds).find((known) => known.value === value) ?? { name: "given", value };
}

function knownThresholds(thresholds: ScorerThresholds): ReportThreshold[] {
  const { youden } = thresholds;
  return [
    ...(youden === undefined ? [] : [{ name: "best Youden J on the validation part", value: youden }]),
    ...DRAWN_BUDGETS.map((budget) => ({
      name: `budget of ${100 * budget} %`,
      value: thresholds.forBudget(budget),
      budget,
    })),
  ];
}

function leaksFact(leaks: readonly ColumnSeparation[]): [string, string] {
  const named = leaks.map(({ column, rocAuc }) => `${column} (ROC-AUC ${rocAuc.toFixed(3)})`);
  return ["Columns that tell the labels by themselves", named.join(", ")];
}

function rulesFact({ hidden }: RuledScores): [string, string] {
  const counts = [...hidden].map(([rule, count]) => `${rate(count)} by ${rule}`).join(", ");
  return [
    "Alarms that rules take away",
    `${counts === "" ? "none" : counts} (curves and ROC-AUC are of scores, which rules leave alone)`,
  ];
}

function recordFact(training: Scorer["training"], key: string): [string, string][] {
  const value = training[key];
  return value === undefined ? [] : [[`${key.slice(0, 1).toUpperCase()}${key.slice(1)}`, String(value)]];
}

async function oddestFlows(
  scorer: Scorer,
  oddest: readonly OddFlow[],
  rows: Uint32Array | undefined,
  labels: FlowLabels | undefined,
): Promise<ReportFlow[]> {
  const reasons = await oddestReasons(scorer, oddest, DEFAULT_REASONS);
  return oddest.map(({ row, score }, i): ReportFlow => {
    const tableRow = rows?.[row] ?? row;
    return {
      row: tableRow + 1,
      score,
      rarity: scorer.thresholds.rarityOf(score),
      ...(labels ? { label: labelText(labels, tableRow) } : {}),
      reasons: (reasons[i] ?? []).map(
        ({ text, share }) => `${text}, ${Math.round(100 * share)} % of the score`,
      ),
    };
  });
}

function labelText({ isAttack, attackTypes }: FlowLabels, row: number): string {
  const type = attackTypes?.names[attackTypes.codes[row] ?? Number.NaN];
  return type ?? (isAttack[row] === 0 ? "normal" : "attack");
}
