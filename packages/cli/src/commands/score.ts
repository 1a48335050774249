import { availableParallelism } from "node:os";
import { PROVIDERS, type Scorer } from "@oddflow/inference";
import { OddflowError } from "@oddflow/preprocessing";
import type { Argv, CommandModule } from "yargs";
import { budgetOf, budgetThreshold, parseBudget } from "../alert-budget.ts";
import { DEFAULT_MODEL } from "../default-model.ts";
import { formatSummary } from "../format-summary.ts";
import { type IdleOption, refuseIdle } from "../idle-options.ts";
import { reasonCount } from "../reason-count.ts";
import { MOST_THREADS, STANDARD_INPUT } from "../run-command.ts";
import { scoreStream } from "../score-stream.ts";
import { areLarge, endWorkers, startWorkers } from "../scoring-workers.ts";
import { complain } from "../terminal.ts";
import { TRUST_OPTION } from "../trust-option.ts";

const COLUMN_CHOICES = ["all", "keys", "none"] as const;

export interface ScoreArguments {
  flows: string[];
  model: string;
  out: string | undefined;
  budget: string | undefined;
  threshold: number | undefined;
  time: string | undefined;
  top: number;
  reasons: boolean | undefined;
  columns: (typeof COLUMN_CHOICES)[number];
  oddest: number | undefined;
  provider: (typeof PROVIDERS)[number];
  threads: number | undefined;
  trust: string | undefined;
}

/** The options of scoring, the same for `oddflow score` and `score-batch`. */
export function scoreOptions(parser: Argv, command: string): Argv<ScoreArguments> {
  return parser
    .positional("flows", {
      type: "string",
      array: true,
      demandOption: true,
      describe: "Parquet, CSV or NDJSON files or globs; - reads NDJSON from standard input",
    })
    .option("model", {
      requiresArg: true,
      alias: "m",
      type: "string",
      default: DEFAULT_MODEL,
      defaultDescription: "UNSW-NB15's",
      describe: "Model file",
    })
    .option("out", {
      requiresArg: true,
      alias: "o",
      type: "string",
      describe: "Scored table; .parquet, .csv, .tsv, .ndjson  [default: <flows>.scored.<format>]",
    })
    .option("budget", {
      requiresArg: true,
      alias: "b",
      type: "string",
      describe: "Share of usual flows that may alarm, or alarms such as 50/day  [default: 0.01]",
    })
    .option("time", {
      requiresArg: true,
      type: "string",
      describe: "Column of times, for 50/day  [default: found by its name]",
    })
    .option("threshold", {
      requiresArg: true,
      alias: "t",
      type: "number",
      describe: "Score from which on a flow is an anomaly",
      conflicts: "budget",
    })
    .option("top", {
      requiresArg: true,
      type: "number",
      default: 0,
      describe: "Name this many columns that made each flow odd",
    })
    .option("reasons", {
      type: "boolean",
      describe: "Write why, for anomalies, as JSON  [default: with --top and NDJSON]",
    })
    .option("columns", {
      requiresArg: true,
      choices: COLUMN_CHOICES,
      default: "all" as const,
      describe: "Input columns to write again",
    })
    .option("oddest", {
      requiresArg: true,
      type: "number",
      describe: "Print this many of the oddest flows, and why  [default: 5 with --top]",
    })
    .option("provider", {
      requiresArg: true,
      choices: PROVIDERS,
      default: "auto" as const,
      describe: "Where the model runs",
    })
    .option("threads", {
      requiresArg: true,
      type: "number",
      describe: "Threads on the CPU  [default: one a core]",
    })
    .option("trust", TRUST_OPTION)
    .example(`${command} flows.parquet`, "score a table with the shipped model")
    .example(
      `${command} 'day-*.parquet' -m model.onnx -o scored.parquet --top 3`,
      "with your own, and reasons",
    )
    .example(`cat conn.json | ${command} - -m model.onnx`, "score NDJSON in a pipe") as Argv<ScoreArguments>;
}

export const scoreCommand: CommandModule<object, ScoreArguments> = {
  command: "score <flows..>",
  describe: "Score flows with a model (score-batch does the same)",
  builder: (parser) => scoreOptions(parser as Argv, "$0 score"),
  handler: score,
};

/** Scores a table into a table, or standard input into standard output. */
export async function score(options: ScoreArguments): Promise<void> {
  checkOptions(options);
  refuseIdle(options, IDLE_OPTIONS);
  if (options.flows[0] !== STANDARD_INPUT) return scoreTableFiles(options);
  const { createScorer, inFile } = await import("@oddflow/inference/node");
  const { readModel } = await import("../read-model.ts");
  const model = await readModel(options.model, options.trust);
  const scorer = await inFile(options.model, () =>
    createScorer(model, {
      provider: options.provider,
      ...(options.threads === undefined ? {} : { threads: options.threads }),
    }),
  );
  try {
    await scorePipe(scorer, options);
  } finally {
    await scorer.close();
  }
}

async function scoreTableFiles(options: ScoreArguments): Promise<void> {
  const mayRunOnCpu = options.provider === "auto" || options.provider === "cpu";
  const crew =
    mayRunOnCpu && (await areLarge(options.flows))
      ? startWorkers((options.threads ?? availableParallelism()) - 1, options.flows)
      : undefined;
  try {
    // The database and onnxruntime take their time to load; meanwhile the workers load theirs.
    const { scoreFiles } = await import("../score-files.ts");
    await scoreFiles(options, crew);
  } finally {
    if (crew) await endWorkers(crew);
  }
}

async function scorePipe(scorer: Scorer, options: ScoreArguments): Promise<void> {
  const threshold = options.threshold ?? (await budgetThreshold(budgetOf(options.budget), scorer)).threshold;
  const began = performance.now();
  const names = scorer.columns.map((column) => column.name);
  const summary = await scoreStream(process.stdin, process.stdout, scorer, {
    threshold,
    top: options.top,
    reasons: await reasonCount(scorer, options.top, options.reasons, true),
    fields: options.columns === "keys" ? { except: names } : options.columns,
  });
  complain(formatSummary(summary, threshold, began));
}

const isPipe = ({ flows }: ScoreArguments): boolean => flows[0] === STANDARD_INPUT;

const IDLE_OPTIONS: readonly IdleOption<ScoreArguments>[] = [
  {
    option: "time",
    isIdle: ({ budget }) => budget === undefined || "share" in parseBudget(budget),
    isFor: "is for a budget of alarms in time, such as --budget 50/day",
  },
  {
    option: "time",
    isIdle: isPipe,
    isFor: "is for files; records on standard input are not counted by their times",
  },
  {
    option: "threads",
    isIdle: ({ provider }) => provider === "cuda" || provider === "webgpu",
    isFor: "is for the CPU, and --provider names a GPU",
  },
];

function checkOptions({ flows, out, budget, top, oddest, threads }: ScoreArguments): void {
  const refuse = (message: string): never => {
    throw new OddflowError("USAGE", message);
  };
  if (budget !== undefined) parseBudget(budget);
  for (const [name, value] of Object.entries({ top, oddest: oddest ?? 0 })) {
    if (!Number.isInteger(value) || value < 0 || value > 1000)
      refuse(`--${name} ${value}: expected a whole number from 0 to 1000`);
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0 && threads <= MOST_THREADS)) {
    refuse(`--threads ${threads}: expected a whole number from 1 to ${MOST_THREADS}`);
  }
  if (flows.includes(STANDARD_INPUT) && flows.length > 1)
    refuse("standard input (-) and files cannot be scored in one run");
  if (out === STANDARD_INPUT)
    refuse("--out -: only standard input (-) is written to standard output; name a file");
  if (flows[0] === STANDARD_INPUT && out !== undefined)
    refuse("--out goes with files; standard input is written to standard output");
  if (flows[0] === STANDARD_INPUT && (oddest ?? 0) > 0)
    refuse("--oddest goes with files, not with standard input");
}
