import { OddflowError, type OptionRange } from "@oddflow/preprocessing";
import type { Argv } from "yargs";
import { MODEL_OR_DEFAULT } from "../default-model.ts";
import { FROM_OPTION } from "../from-option.ts";
import { type IdleOption, refuseIdle } from "../idle-options.ts";
import { namesIn, numberIn } from "../option-values.ts";
import { rate } from "../progress.ts";
import { RULES_OPTION } from "../rules-option.ts";
import { type Command, filesOnly, interruptSignal } from "../run-command.ts";
import { oneLine, print } from "../terminal.ts";
import { type AlertBudget, thresholdChoice } from "../threshold-choice.ts";
import { TRUST_OPTION } from "../trust-option.ts";
import {
  BUDGET_TIME_OPTION,
  type COLUMN_CHOICES,
  COLUMNS_OPTION,
  THRESHOLD_OPTION,
  TIMED_BUDGET_OPTION,
  TOP_OPTION,
} from "../verdict-options.ts";
import { giveUpOutput, makePlan } from "./make-plan.ts";
import { shardFiles } from "./shard-files.ts";
import { isOneFile } from "./shard-folders.ts";
import { rowsOf, type ShardPlan, writePlan } from "./shard-plan.ts";

/** More are a slip of the finger. */
const SHARDS: OptionRange = { from: 1, to: 100_000, whole: true };
const FLOWS_PER_SHARD: OptionRange = { from: 1, to: 1e12, whole: true };

/** A minute or less of a core's time. */
const DEFAULT_FLOWS_PER_SHARD = 5_000_000;

interface PlanArguments {
  flows: string[];
  model: string;
  out: string;
  plan: string;
  shards: number | undefined;
  "flows-per-shard": number | undefined;
  "partition-by": string | undefined;
  budget: AlertBudget | undefined;
  threshold: number | undefined;
  time: string | undefined;
  top: number;
  reasons: boolean | undefined;
  columns: (typeof COLUMN_CHOICES)[number];
  trust: string | undefined;
  rules: string | undefined;
  from: string | undefined;
}

export const makePlanCommand: Command<PlanArguments> = {
  builder: (parser) =>
    parser
      .positional("flows", {
        type: "string",
        array: true,
        demandOption: true,
        describe: "Parquet files, globs or addresses (s3://, gs://, https://)",
      })
      .option("model", { ...MODEL_OR_DEFAULT, requiresArg: true, alias: "m" })
      .option("out", {
        requiresArg: true,
        alias: "o",
        type: "string",
        demandOption: true,
        describe: "An empty folder, or one file that ends in .parquet",
      })
      .option("plan", {
        requiresArg: true,
        type: "string",
        default: "plan.json",
        describe: "Where the plan goes",
      })
      .option("shards", {
        requiresArg: true,
        type: "number",
        coerce: numberIn("shards", SHARDS),
        conflicts: "flows-per-shard",
        describe: "How many shards",
      })
      .option("flows-per-shard", {
        requiresArg: true,
        type: "number",
        coerce: numberIn("flows-per-shard", FLOWS_PER_SHARD),
        describe: `About how many flows each shard has  [default: ${rate(DEFAULT_FLOWS_PER_SHARD)}]`,
      })
      .option("partition-by", {
        requiresArg: true,
        type: "string",
        describe: "Columns whose values name the output's folders, day=2025-01-01/",
      })
      .option("budget", TIMED_BUDGET_OPTION)
      .option("time", BUDGET_TIME_OPTION)
      .option("threshold", THRESHOLD_OPTION)
      .option("top", TOP_OPTION)
      .option("reasons", { type: "boolean", describe: "Write why, for anomalies, as JSON" })
      .option("columns", COLUMNS_OPTION)
      .option("trust", TRUST_OPTION)
      .option("rules", RULES_OPTION)
      .option("from", FROM_OPTION)
      .example(
        "$0 shard plan 'lake/**/*.parquet' -m model.onnx -o scored/ --shards 32",
        "",
      ) as unknown as Argv<PlanArguments>,
  handler: plan,
};

const IDLE_OPTIONS: readonly IdleOption<PlanArguments>[] = [
  {
    option: "time",
    isIdle: ({ budget }) => budget === undefined || "share" in budget,
    isFor: "is for a budget of alarms in time, such as --budget 50/day",
  },
  {
    option: "partition-by",
    isIdle: ({ out }) => isOneFile(out),
    isFor: "makes folders: name a folder with --out, not a file",
  },
];

async function plan(options: PlanArguments): Promise<void> {
  const signal = interruptSignal();
  filesOnly("shard plan", options.flows);
  refuseIdle(options, IDLE_OPTIONS);
  const { out, shards, "flows-per-shard": flows = DEFAULT_FLOWS_PER_SHARD, "partition-by": by } = options;
  if (!isOneFile(out) && /\.(csv|tsv|ndjson|jsonl|json|log)$/i.test(out))
    throw new OddflowError(
      "USAGE",
      `--out ${out}: shards become Parquet; name a folder, or a file that ends in .parquet`,
    );
  const made = await makePlan(
    {
      flows: options.flows,
      from: options.from,
      model: options.model,
      trust: options.trust,
      out,
      partitionBy: by === undefined ? [] : namesIn("partition-by", "columns")(by),
      columns: options.columns,
      threshold: thresholdChoice(options.threshold, options.budget),
      timeColumn: options.time,
      top: options.top,
      reasons: options.reasons,
      rules: options.rules,
      size: shards === undefined ? { flows } : { shards },
    },
    signal,
  );
  const writing = signal.aborted ? Promise.reject(signal.reason) : writePlan(options.plan, made);
  await writing.catch(async (thrown: unknown) => {
    await giveUpOutput(made);
    throw thrown;
  });
  print(planText(made, options.plan));
}

function planText(made: ShardPlan, path: string): string {
  const rows = made.shards.map((spans) => rowsOf(made, spans));
  const total = rows.reduce((sum, own) => sum + own, 0);
  const groups = made.files.reduce((sum, { rowGroups }) => sum + rowGroups.length, 0);
  const [least, most] = [Math.min(...rows), Math.max(...rows)];
  const last = made.shards.length - 1;
  const lines = [
    ["flows", `${rate(total)} in ${rate(made.files.length)} files and ${rate(groups)} row groups`],
    ["shards", `${rate(rows.length)} of ${rate(least)} to ${rate(most)} flows`],
    ...(made.context === undefined ? [] : [["context", contextText(made, total)]]),
    ["plan", oneLine(path)],
    [
      "next",
      `oddflow shard run ${oneLine(path)} ${last === 0 ? "0" : `0 ... ${last}`}, each anywhere; then oddflow shard commit ${oneLine(path)}`,
    ],
  ];
  return lines.map(([name = "", text]) => `${name.padEnd(11)}${text}\n`).join("");
}

/** What the shards read for context, beside their own flows. */
function contextText(made: ShardPlan, total: number): string {
  let read = 0;
  for (const spans of made.shards) {
    for (const { rowGroups } of shardFiles(made, spans, made.context?.longestWindow).files)
      for (const rows of rowGroups) read += rows;
  }
  return (
    `shards also read the flows of ${made.context?.longestWindow} s before their own: files of ${rate(read)} flows are opened, ` +
    `${(read / total).toFixed(1)} times as many`
  );
}
