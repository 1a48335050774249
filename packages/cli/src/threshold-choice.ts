import { DEFAULT_BUDGET, isExtrapolated, type ScoreDistribution } from "@oddflow/detector";
import type { Scorer } from "@oddflow/inference";
import { OddflowError } from "@oddflow/preprocessing";
import type { FlowTable } from "@oddflow/tables";
import { rate } from "./progress.ts";
import { tableRate } from "./table-rate.ts";

/** How many alarms usual traffic may raise: a share of the flows, or a number in a stretch of the table's own time. */
export type AlertBudget = { readonly share: number } | { readonly alarms: number; readonly seconds: number };

/** From which score on a flow is an anomaly: from this one, or from the one that a budget comes to. */
export type ThresholdChoice = { readonly score: number } | AlertBudget;

const DAY = 86_400;
const SECONDS: Readonly<Record<string, number>> = { hour: DAY / 24, day: DAY, week: 7 * DAY };

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

/** A budget as `parseBudget` reads it. */
export function budgetText(budget: AlertBudget): string {
  if ("share" in budget) return String(budget.share);
  const [unit] = Object.entries(SECONDS).find(([, seconds]) => seconds === budget.seconds) ?? ["day"];
  return `${budget.alarms}/${unit}`;
}

/** What `--threshold` and `--budget` say together: the default budget where neither is given. */
export function thresholdChoice(score: number | undefined, budget: AlertBudget | undefined): ThresholdChoice {
  return score === undefined ? (budget ?? { share: DEFAULT_BUDGET }) : { score };
}

/** A threshold, and what it was made from. */
export interface ChosenThreshold {
  readonly threshold: number;
  /** The share of usual flows that may raise an alarm; undefined for a score that somebody chose. */
  readonly share?: number;
  /** For a number of alarms: the rate of flows, and the times that it comes from, in words. */
  readonly rate?: string;
  /** That the budget is finer than the flows behind the threshold show, in words; absent where it is not. */
  readonly caution?: string;
}

/**
 * The threshold that a choice comes to with a model. For a number of alarms the table's own time column tells how many flows there are
 * in that time.
 * @throws OddflowError USAGE when it needs a table and there is none; what `tableRate` throws
 */
export async function chooseThreshold(
  choice: ThresholdChoice,
  { thresholds }: Scorer,
  table?: FlowTable,
  timeColumn?: string,
): Promise<ChosenThreshold> {
  if ("score" in choice) return { threshold: choice.score };
  if ("share" in choice) return ofShare(choice.share, thresholds);
  if (table === undefined) {
    throw new OddflowError(
      "USAGE",
      "--budget: flows that come on standard input or in a log that grows have no known rate; give a share, or score a table",
    );
  }
  const { flowsASecond, text } = await tableRate(table, timeColumn, {
    option: "--budget",
    otherwise: ", or give a share",
  });
  const share = Math.min(1, choice.alarms / (flowsASecond * choice.seconds));
  return { ...ofShare(share, thresholds), rate: text };
}

function ofShare(share: number, { forBudget, heldBack }: Scorer["thresholds"]): ChosenThreshold {
  const caution = extrapolationText(heldBack, share);
  return { threshold: forBudget(share), share, ...(caution === undefined ? {} : { caution }) };
}

/** What is to be known of a threshold for a budget that no held-back flow shows; undefined where some do. */
export function extrapolationText(heldBack: ScoreDistribution, budget: number): string | undefined {
  if (!isExtrapolated(heldBack, budget)) return undefined;
  const needed = rate(Math.ceil(1 / budget));
  const flows = `${rate(heldBack.flows)} held-back ${heldBack.flows === 1 ? "flow shows" : "flows show"}`;
  return (
    `a budget of ${Number((100 * budget).toPrecision(3))} % is one usual flow in ${needed}, and ${flows} no score as rare: the threshold is ` +
    `extrapolated, and alarms may be several times the budget, or none; train or recalibrate on more flows, so that ${needed} ` +
    "or more are held back"
  );
}
