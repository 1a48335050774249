import type { Split } from "@oddflow/trainer";
import { type OddflowRun, withScorer } from "./oddflow.ts";
import { type TableFlows, testLabels } from "./table-flows.ts";

/** Shares of the usual flows that may raise an alarm, and how many times too many or too few is near enough. */
const BUDGETS: readonly { readonly budget: number; readonly within: number }[] = [
  { budget: 0.01, within: 1.25 },
  { budget: 0.001, within: 1.5 },
];

/** How many of the test part's normal flows reach the model's own threshold for a budget. */
export interface BudgetResult {
  readonly budget: number;
  readonly normals: number;
  readonly alarms: number;
}

/** Thresholds come from the model file, made without these flows. */
export function measureBudgets(
  { model, run }: OddflowRun,
  flows: TableFlows,
  split: Split,
): Promise<BudgetResult[]> {
  const { isAttack } = testLabels(flows, split);
  const normals = run.scores.filter((_, i) => isAttack[i] === 0);
  return withScorer(model, async ({ thresholds }) =>
    BUDGETS.map(({ budget }) => {
      const threshold = thresholds.forBudget(budget);
      return {
        budget,
        normals: normals.length,
        alarms: normals.filter((score) => score >= threshold).length,
      };
    }),
  );
}

/** A case's results; where its test flows are of other days or networks a budget need not hold. */
export interface CaseBudgets {
  readonly name: string;
  readonly otherTraffic: boolean;
  readonly seeds: readonly (readonly BudgetResult[])[];
}

const CELL_WIDTH = 58;
/** Of fewer alarms than these no share of a budget can be told. */
export const FEWEST_WANTED = 10;

/** A row a case, all seeds taken together. */
export function formatBudgets(cases: readonly CaseBudgets[]): string {
  const headings = BUDGETS.map(({ budget }) => `alarms at a budget of ${percent(budget)}`.padEnd(CELL_WIDTH));
  return [
    "Oddflow's false alarms on the test part's normal flows at its own thresholds, all seeds together",
    `${"   case".padEnd(24)}${headings.join("")}`.trimEnd(),
    ...cases.map(({ name, otherTraffic, seeds }) => {
      const cells = BUDGETS.map(({ budget, within }, k) => {
        const alarms = seeds.reduce((sum, results) => sum + (results[k]?.alarms ?? 0), 0);
        const normals = seeds.reduce((sum, results) => sum + (results[k]?.normals ?? 0), 0);
        const times = alarms / normals / budget;
        const holds = times <= within && times >= 1 / within;
        const verdict =
          otherTraffic || normals * budget < FEWEST_WANTED
            ? ""
            : `, ${holds ? "within" : "NOT within"} ${within}`;
        const wanted = Math.round(normals * budget);
        const seen = `${alarms} of ${count(normals)}, ${wanted} wanted`;
        return `${seen}: ${times.toFixed(2)} times${verdict}`.padEnd(CELL_WIDTH);
      });
      return `   ${name.padEnd(21)}${cells.join("")}`.trimEnd();
    }),
    `   without a verdict: test flows of another day or network than the training flows, or fewer than ${FEWEST_WANTED} wanted`,
  ].join("\n");
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
