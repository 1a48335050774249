import type { OptionRange } from "@oddflow/preprocessing";
import type { Options } from "yargs";
import { numberIn, parsed } from "./option-values.ts";
import { parseBudget } from "./threshold-choice.ts";

/*
 * The options by which a command that scores says which flows are anomalies, and what is written of them.
 */

/** More columns, reasons or flows to name than this are a slip of the finger. */
export const NAMED: OptionRange = { from: 0, to: 1000, whole: true };

/** The input columns that can be written again. */
export const COLUMN_CHOICES = ["all", "keys", "none"] as const;

const BUDGET: Options = { requiresArg: true, alias: "b", type: "string", coerce: parsed(parseBudget) };

/** Where the rate of flows is known. */
export const TIMED_BUDGET_OPTION: Options = {
  ...BUDGET,
  describe: "Share of usual flows that may alarm, or alarms such as 50/day  [default: 0.01]",
};

/** Where it is not. */
export const BUDGET_OPTION: Options = {
  ...BUDGET,
  describe: "Share of usual flows that may alarm  [default: 0.01]",
};

export const BUDGET_TIME_OPTION: Options = {
  requiresArg: true,
  type: "string",
  describe: "Column of times, for 50/day  [default: found by its name]",
};

export const THRESHOLD_OPTION: Options = {
  requiresArg: true,
  alias: "t",
  type: "number",
  describe: "Score from which on a flow is an anomaly",
  conflicts: "budget",
};

export const TOP_OPTION: Options = {
  requiresArg: true,
  type: "number",
  default: 0,
  coerce: numberIn("top", NAMED),
  describe: "Name this many columns that made each flow odd",
};

export const COLUMNS_OPTION: Options = {
  requiresArg: true,
  choices: COLUMN_CHOICES,
  default: "all",
  describe: "Input columns to write again",
};
