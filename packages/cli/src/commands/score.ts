import { availableParallelism } from "node:os";
import { PROVIDERS, type Provider, type Scorer, THREADS } from "@oddflow/inference";
import { OddflowError, type OptionRange } from "@oddflow/preprocessing";
import type { Argv, CommandModule } from "yargs";
import { type AlertBudget, chooseThreshold, parseBudget, thresholdChoice } from "../alert-budget.ts";
import { DEFAULT_MODEL } from "../default-model.ts";
import { formatReadings } from "../format-reading.ts";
import { formatSummary } from "../format-summary.ts";
import { FROM_OPTION } from "../from-option.ts";
import { CPU_THREADS, type IdleOption, refuseIdle } from "../idle-options.ts";
import { numberIn, parsed } from "../option-values.ts";
import { reasonCount } from "../reason-count.ts";
import { STANDARD_INPUT } from "../run-command.ts";
import { scoreStream } from "../score-stream.ts";
import type { FileScoringRequest, ScoringRequest } from "../scoring-request.ts";
import { areLarge, endWorkers, startWorkers } from "../scoring-workers.ts";
import { checkStandardInput } from "../standard-streams.ts";
import { complain } from "../terminal.ts";
import { TRUST_OPTION } from "../trust-option.ts";

/** How many of the oddest flows are printed where columns are named and no number is given. */
const DEFAULT_ODDEST = 5;

/** More columns, reasons or flows to name than this are a slip of the finger. */
const NAMED: OptionRange = { from: 0, to: 1000, whole: true };

const COLUMN_CHOICES = ["all", "keys", "none"] as const;

export interface ScoreArguments {
  flows: string[];
  model: string;
  out: string | undefined;
  budget: AlertBudget | undefined;
  threshold: number | undefined;
  time: string | undefined;
  top: number;
  reasons: boolean | undefined;
  columns: (typeof COLUMN_CHOICES)[number];
  oddest: number | undefined;
  provider: Provider;
  threads: number | undefined;
  trust: string | undefined;
  from: string | undefined;
}

/** The options of scoring, the same for `oddflow score` and `score-batch`. */
export function scoreOptions(parser: Argv, command: string): Argv<ScoreArguments> {
  return parser
    .positional("flows", {
      type: "string",
      array: true,
      demandOption: true,
      describe: "Files or globs: Parquet, CSV, JSON, Zeek and other sensors' logs; - reads standard input",
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
      describe:
        "Scored table; .parquet, .csv, .tsv, .ndjson, .log (Zeek)  [default: <flows>.scored.<format>]",
    })
    .option("budget", {
      requiresArg: true,
      alias: "b",
      type: "string",
      coerce: parsed(parseBudget),
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
      coerce: numberIn("top", NAMED),
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
      coerce: numberIn("oddest", NAMED),
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
      coerce: numberIn("threads", THREADS),
      describe: "Threads on the CPU  [default: one a core]",
    })
    .option("trust", TRUST_OPTION)
    .option("from", FROM_OPTION)
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
  const request = scoringRequest(options);
  return isOfFiles(request) ? scoreTableFiles(request) : scorePipe(request);
}

/** @throws OddflowError USAGE for what cannot go together */
function scoringRequest(options: ScoreArguments): ScoringRequest {
  checkOptions(options);
  refuseIdle(options, IDLE_OPTIONS);
  const { flows, threshold, budget, time, oddest, ...rest } = options;
  return {
    ...rest,
    flows: isPipe(options) ? undefined : flows,
    threshold: thresholdChoice(threshold, budget),
    timeColumn: time,
    oddest: oddest ?? (options.top > 0 ? DEFAULT_ODDEST : 0),
  };
}

function isOfFiles(request: ScoringRequest): request is FileScoringRequest {
  return request.flows !== undefined;
}

async function scoreTableFiles(request: FileScoringRequest): Promise<void> {
  const mayRunOnCpu = request.provider === "auto" || request.provider === "cpu";
  const crew =
    mayRunOnCpu && (await areLarge(request.flows))
      ? startWorkers((request.threads ?? availableParallelism()) - 1, request)
      : undefined;
  try {
    // The database and onnxruntime take their time to load; meanwhile the workers load theirs.
    const { scoreFiles } = await import("../score-files.ts");
    await scoreFiles(request, crew);
  } finally {
    if (crew) await endWorkers(crew);
  }
}

async function scorePipe(request: ScoringRequest): Promise<void> {
  checkStandardInput();
  const { createScorer, inFile } = await import("@oddflow/inference/node");
  const { readModel } = await import("../read-model.ts");
  const model = await readModel(request.model, request.trust);
  const scorer = await inFile(request.model, () =>
    createScorer(model, {
      provider: request.provider,
      ...(request.threads === undefined ? {} : { threads: request.threads }),
    }),
  );
  try {
    await scoreStandardInput(scorer, request);
  } finally {
    await scorer.close();
  }
}

async function scoreStandardInput(scorer: Scorer, request: ScoringRequest): Promise<void> {
  const { threshold } = await chooseThreshold(request.threshold, scorer);
  const began = performance.now();
  const names = scorer.columns.map((column) => column.name);
  const summary = await scoreStream(process.stdin, process.stdout, scorer, {
    threshold,
    top: request.top,
    reasons: reasonCount(scorer, request.top, request.reasons, true),
    fields: request.columns === "keys" ? { except: names } : request.columns,
  });
  complain(formatReadings([summary]));
  complain(formatSummary(summary, threshold, began));
}

const isPipe = ({ flows }: ScoreArguments): boolean => flows[0] === STANDARD_INPUT;

const IDLE_OPTIONS: readonly IdleOption<ScoreArguments>[] = [
  {
    option: "time",
    isIdle: ({ budget }) => budget === undefined || "share" in budget,
    isFor: "is for a budget of alarms in time, such as --budget 50/day",
  },
  {
    option: "from",
    isIdle: isPipe,
    isFor: "is for files; what comes on standard input tells what it is by its beginning",
  },
  {
    option: "time",
    isIdle: isPipe,
    isFor: "is for files; records on standard input are not counted by their times",
  },
  CPU_THREADS,
];

function checkOptions({ flows, out, oddest }: ScoreArguments): void {
  const refuse = (message: string): never => {
    throw new OddflowError("USAGE", message);
  };
  if (flows.includes(STANDARD_INPUT) && flows.length > 1)
    refuse("standard input (-) and files cannot be scored in one run");
  if (out === STANDARD_INPUT)
    refuse("--out -: only standard input (-) is written to standard output; name a file");
  if (flows[0] === STANDARD_INPUT && out !== undefined)
    refuse("--out goes with files; standard input is written to standard output");
  if (flows[0] === STANDARD_INPUT && (oddest ?? 0) > 0)
    refuse("--oddest goes with files, not with standard input");
}
