import type { Scorer } from "@oddflow/inference";
import { DEFAULT_BUDGET } from "@oddflow/onnx";
import { findTimeColumn, OddflowError } from "@oddflow/preprocessing";
import type { FlowTable } from "@oddflow/tables";

/** How many alarms usual traffic may raise: a share of the flows, or a number in a stretch of the table's own time. */
export type AlertBudget = { readonly share: number } | { readonly alarms: number; readonly seconds: number };

const SECONDS: Readonly<Record<string, number>> = { hour: 3600, day: 86_400, week: 604_800 };

/**
 * Reads `--budget 0.001` (a share, 0 to 1) or `--budget 50/day` (per hour, day or week).
 * @throws OddflowError USAGE for anything else.
 */
export function parseBudget(text: string): AlertBudget {
  const [, number, unit] = /^([0-9.]+(?:e-?[0-9]+)?)(?:\/(hour|day|week))?$/i.exec(text.trim()) ?? [];
  const value = Number(number);
  const seconds = SECONDS[unit?.toLowerCase() ?? ""];
  if (seconds !== undefined && value > 0) return { alarms: value, seconds };
  if (unit === undefined && value >= 0 && value <= 1) return { share: value };
  throw new OddflowError(
    "USAGE",
    `--budget ${text}: expected a share from 0 to 1, or a number of alarms such as 50/day (hour, day or week)`,
  );
}

/** The budget of `--budget`, or the default one. @throws OddflowError USAGE */
export function budgetOf(text: string | undefined): AlertBudget {
  return text === undefined ? { share: DEFAULT_BUDGET } : parseBudget(text);
}

/**
 * The threshold of a budget for a model. For a number of alarms the table's own time column tells how many flows there are
 * in that time.
 * @throws OddflowError USAGE when it needs a time column and there is none, or no time passes in it.
 */
export async function budgetThreshold(
  budget: AlertBudget,
  { thresholds }: Scorer,
  table?: FlowTable,
  timeColumn?: string,
): Promise<number> {
  if ("share" in budget) return thresholds.forBudget(budget.share);
  if (table === undefined) {
    throw new OddflowError(
      "USAGE",
      "--budget: standard input has no known rate; give a share, or score a table",
    );
  }
  const name = timeColumn ?? timeColumnOf(table);
  const span = await table.timeSpan(name);
  if (!(span > 0)) {
    throw new OddflowError(
      "USAGE",
      `--budget: no time passes in column "${name}"; give a share, or name another column with --time`,
    );
  }
  const flows = (table.rows / span) * budget.seconds;
  return thresholds.forBudget(Math.min(1, budget.alarms / flows));
}

function timeColumnOf(table: FlowTable): string {
  const found = findTimeColumn(table.columns);
  if (found === undefined) {
    throw new OddflowError(
      "USAGE",
      `--budget: ${table.paths[0]} has no column that is known to hold times; name it with --time COLUMN, or give a share`,
    );
  }
  return found;
}
