import { availableParallelism } from "node:os";
import { PROVIDERS, type Provider, THREADS } from "@oddflow/inference";
import { OddflowError } from "@oddflow/preprocessing";
import type { Argv, CommandModule } from "yargs";
import { areFarAway } from "../are-far-away.ts";
import { CONTEXT_STATE_OPTION } from "../context-state-option.ts";
import { MODEL_OR_DEFAULT } from "../default-model.ts";
import { ARROW, FLOW_FILES, SCORE_FROM_OPTION, TO_OPTION } from "../from-option.ts";
import { Hangup } from "../hangup.ts";
import { CPU_THREADS, type IdleOption, refuseIdle } from "../idle-options.ts";
import { MAX_LATENCY_OPTION, parseMaxLatency } from "../max-latency-option.ts";
import { numberIn, parsed } from "../option-values.ts";
import { RULES_OPTION } from "../rules-option.ts";
import { type Command, interruptSignal, STANDARD_INPUT } from "../run-command.ts";
import { type FileScoringRequest, isOneText, keepsText, type ScoringRequest } from "../scoring-request.ts";
import { areLarge, endWorkers, isLargeText, startWorkers, type WorkerPool } from "../scoring-workers.ts";
import { checkStandardInput } from "../standard-streams.ts";
import { type AlertBudget, thresholdChoice } from "../threshold-choice.ts";
import { TRUST_OPTION } from "../trust-option.ts";
import {
  BUDGET_TIME_OPTION,
  type COLUMN_CHOICES,
  COLUMNS_OPTION,
  NAMED,
  THRESHOLD_OPTION,
  TIMED_BUDGET_OPTION,
  TOP_OPTION,
} from "../verdict-options.ts";

/** How many of the oddest flows are printed where columns are named and no number is given. */
const DEFAULT_ODDEST = 5;

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
  rules: string | undefined;
  from: string | undefined;
  to: string | undefined;
  follow: boolean;
  "context-state": string | undefined;
  "max-latency": number | undefined;
}

/** The options of scoring, the same for `oddflow score` and `score-batch`. */
export function scoreOptions(parser: Argv, command: string): Argv<ScoreArguments> {
  return parser
    .positional("flows", {
      type: "string",
      array: true,
      demandOption: true,
      describe: `${FLOW_FILES}; - reads standard input`,
    })
    .option("model", {
      ...MODEL_OR_DEFAULT,
      requiresArg: true,
      alias: "m",
    })
    .option("out", {
      requiresArg: true,
      alias: "o",
      type: "string",
      describe:
        "Scored table; .parquet, .csv, .tsv, .ndjson, .log (Zeek)  [default: <flows>.scored.<format>]",
    })
    .option("budget", TIMED_BUDGET_OPTION)
    .option("time", BUDGET_TIME_OPTION)
    .option("threshold", THRESHOLD_OPTION)
    .option("top", TOP_OPTION)
    .option("reasons", {
      type: "boolean",
      describe: "Write why, for anomalies, as JSON  [default: with --top and NDJSON]",
    })
    .option("columns", COLUMNS_OPTION)
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
    .option("context-state", CONTEXT_STATE_OPTION)
    .option("max-latency", { ...MAX_LATENCY_OPTION, coerce: parsed(parseMaxLatency) })
    .option("trust", TRUST_OPTION)
    .option("rules", RULES_OPTION)
    .option("from", SCORE_FROM_OPTION)
    .option("to", TO_OPTION)
    .option("follow", {
      type: "boolean",
      default: false,
      describe: "Go on with what is written to a log, also when it is rotated; scored to standard output",
    })
    .example(`${command} flows.parquet`, "score a table with the shipped model")
    .example(
      `${command} 'day-*.parquet' -m model.onnx -o scored.parquet --top 3`,
      "with your own, and reasons",
    )
    .example(`cat conn.json | ${command} - -m model.onnx`, "score NDJSON in a pipe")
    .example(
      `${command} --follow conn.log -m model.onnx`,
      "score a log as it grows",
    ) as unknown as Argv<ScoreArguments>;
}

export const scoreCommand: Command<ScoreArguments> = {
  builder: (parser) => scoreOptions(parser, "$0 score"),
  handler: score,
};

/** The same as a program of its own. */
export const scoreBatchCommand: CommandModule<object, ScoreArguments> = {
  command: "$0 <flows..>",
  describe: "Score flows with a model: every row, in its order, with score and is_anomaly",
  builder: (parser) => scoreOptions(parser as Argv, "$0"),
  handler: score,
};

/** Scores a table into a table, or standard input or a log that grows into standard output. */
export async function score(options: ScoreArguments): Promise<void> {
  const hangup = new Hangup();
  const signal = interruptSignal(isLive(options) && !isArrow(options) ? hangup : undefined);
  const request = scoringRequest(options);
  if (isOfFiles(request)) return scoreTableFiles(request, signal);
  return scoreLive(request, signal, hangup);
}

/** @throws OddflowError USAGE for what cannot go together */
function scoringRequest(options: ScoreArguments): ScoringRequest {
  checkOptions(options);
  refuseIdle(options, IDLE_OPTIONS);
  const { flows, follow, threshold, budget, time, oddest, ...rest } = options;
  return {
    ...rest,
    flows: isLive(options) ? undefined : flows,
    log: follow ? flows[0] : undefined,
    threshold: thresholdChoice(threshold, budget),
    timeColumn: time,
    contextState: options["context-state"],
    maxLatency: options["max-latency"],
    oddest: oddest ?? (options.top > 0 ? DEFAULT_ODDEST : 0),
  };
}

function isOfFiles(request: ScoringRequest): request is FileScoringRequest {
  return request.flows !== undefined;
}

async function scoreTableFiles(request: FileScoringRequest, signal: AbortSignal): Promise<void> {
  if (areFarAway(request.flows)) {
    const { fetchFlows } = await import("../fetched-flows.ts");
    const fetched = await fetchFlows(request.flows, signal);
    await scoreLocalFiles({ ...request, flows: fetched.paths }, signal).finally(() => fetched.close());
  } else {
    await scoreLocalFiles(request, signal);
  }
}

async function scoreLocalFiles(asked: FileScoringRequest, signal: AbortSignal): Promise<void> {
  const request = { ...asked, flows: await withoutGlobs(asked.flows) };
  const pool = await poolFor(request);
  try {
    // The database and onnxruntime take their time to load; meanwhile the workers load theirs.
    const { scoreFiles } = await import("../score-files.ts");
    await scoreFiles(request, pool, signal);
  } finally {
    if (pool) await endWorkers(pool);
  }
}

/** Whether workers are needed hangs on the files' sizes. What is not there is said where the table is opened. */
async function withoutGlobs(flows: readonly string[]): Promise<readonly string[]> {
  if (!flows.some((path) => /[*?[]/.test(path))) return flows;
  const { findTablePaths } = await import("@oddflow/tables");
  return findTablePaths(flows);
}

/** Workers, where files are so large that these are worth their start. */
async function poolFor(request: FileScoringRequest): Promise<WorkerPool | undefined> {
  const { flows, provider } = request;
  if (provider !== "auto" && provider !== "cpu") return undefined;
  const workers = (request.threads ?? availableParallelism()) - 1;
  if (await areLarge(flows)) return startWorkers(workers, request);
  const isText = isOneText(flows) && keepsText(request) && (await isLargeText(flows[0] ?? ""));
  return isText ? startWorkers(workers, undefined) : undefined;
}

async function scoreLive(request: ScoringRequest, signal: AbortSignal, hangup: Hangup): Promise<void> {
  if (request.log === undefined) checkStandardInput();
  const { scoreLiveFlows } = await import("../score-live-flows.ts");
  await scoreLiveFlows(request, signal, hangup);
}

const isArrow = ({ from }: ScoreArguments): boolean => from === ARROW;

const isLive = ({ flows, follow }: ScoreArguments): boolean => follow || flows[0] === STANDARD_INPUT;

const IDLE_OPTIONS: readonly IdleOption<ScoreArguments>[] = [
  {
    option: "time",
    isIdle: ({ budget }) => budget === undefined || "share" in budget,
    isFor: "is for a budget of alarms in time, such as --budget 50/day",
  },
  {
    option: "from",
    isIdle: (options) => isLive(options) && !isArrow(options),
    isFor:
      "is for whole files and for arrow; other text on standard input or in a log tells what it is by its beginning",
  },
  {
    option: "to",
    isIdle: (options) => !isArrow(options),
    isFor:
      "arrow goes with --from arrow: a table is written as the name of --out says, and standard input in the form that it came in",
  },
  {
    option: "time",
    isIdle: isLive,
    isFor:
      "is for whole files; flows on standard input or in a log that grows are not counted by their times",
  },
  {
    option: "context-state",
    isIdle: (options) => !isLive(options),
    isFor: "is for standard input and logs that grow; whole files are their own context",
  },
  {
    option: "max-latency",
    isIdle: (options) => !isLive(options),
    isFor: "is for standard input and logs that grow",
  },
  {
    option: "max-latency",
    isIdle: isArrow,
    isFor: "is for records; a record batch of --from arrow is answered as soon as it has come",
  },
  CPU_THREADS,
];

function checkOptions({ flows, out, oddest, follow, from }: ScoreArguments): void {
  const refuse = (message: string): never => {
    throw new OddflowError("USAGE", message);
  };
  if (from === ARROW && (follow || flows[0] !== STANDARD_INPUT))
    refuse(
      `--from arrow reads standard input: cat ${follow ? "FILE" : flows[0]} | oddflow score - --from arrow`,
    );
  if (flows.includes(STANDARD_INPUT) && flows.length > 1)
    refuse("standard input (-) and files cannot be scored in one run");
  if (follow && flows[0] === STANDARD_INPUT)
    refuse(
      "--follow goes with a log's file; standard input (-) is scored as it comes, so leave --follow out",
    );
  if (follow && (flows.length > 1 || flows[0]?.includes("*")))
    refuse(`--follow goes with one log, not ${flows.join(" ")}; run it once for each`);
  if (follow && areFarAway(flows))
    refuse("--follow goes with a log on this machine, which is read as it grows; leave --follow out");
  if (follow && out !== undefined)
    refuse("--out goes with whole files; a log that grows is written to standard output, so use > FILE");
  if (follow && (oddest ?? 0) > 0)
    refuse("--oddest goes with whole files, not with --follow: a log that grows has no end");
  if (out === STANDARD_INPUT)
    refuse("--out -: only standard input (-) is written to standard output; name a file");
  if (flows[0] === STANDARD_INPUT && out !== undefined)
    refuse("--out goes with files; standard input is written to standard output");
  if (flows[0] === STANDARD_INPUT && (oddest ?? 0) > 0)
    refuse("--oddest goes with files, not with standard input");
}
