import { basename, extname } from "node:path";
import { createScorer, PROVIDERS, type Scorer } from "@oddflow/inference/node";
import { OddflowError } from "@oddflow/preprocessing";
import { checkColumns, createScoredTableWriter, openTable } from "@oddflow/tables";
import { DEFAULT_BUDGET, decideRoles } from "@oddflow/trainer";
import type { Argv, CommandModule } from "yargs";
import { type AlertBudget, budgetThreshold, parseBudget } from "../alert-budget.ts";
import { DEFAULT_REASONS, reasonCount } from "../anomaly-reasons.ts";
import { DEFAULT_MODEL } from "../default-model.ts";
import { formatOddest } from "../format-oddest.ts";
import { rate, scoringBar } from "../progress.ts";
import { EXIT_STATUS, interruptSignal, MOST_THREADS, STANDARD_INPUT } from "../run-command.ts";
import { scoreStream } from "../score-stream.ts";
import { type ScoreTableSummary, scoreTable } from "../score-table.ts";

/** How many of the oddest flows are printed where columns are named and no number is given. */
const DEFAULT_ODDEST = 5;

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
      describe: "Threads of the model on the CPU  [default: one a core]",
    })
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
  const scorer = await createScorer(options.model, {
    provider: options.provider,
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  });
  try {
    if (options.flows[0] === STANDARD_INPUT) await scorePipe(scorer, options);
    else await scoreFiles(scorer, options);
  } finally {
    await scorer.close();
  }
}

async function scorePipe(scorer: Scorer, options: ScoreArguments): Promise<void> {
  const threshold = options.threshold ?? (await budgetThreshold(budgetOf(options), scorer));
  const began = performance.now();
  const names = scorer.columns.map((column) => column.name);
  const summary = await scoreStream(process.stdin, process.stdout, scorer, {
    threshold,
    top: options.top,
    reasons: await reasonCount(scorer, options.top, options.reasons, true),
    fields: options.columns === "keys" ? { except: names } : options.columns,
  });
  process.stderr.write(formatSummary({ ...summary, oddest: [] }, threshold, began));
}

async function scoreFiles(scorer: Scorer, options: ScoreArguments): Promise<void> {
  const signal = interruptSignal();
  const table = await openTable(options.flows);
  try {
    await checkColumns(table, scorer.columns);
    const threshold =
      options.threshold ?? (await budgetThreshold(budgetOf(options), scorer, table, options.time));
    const out = options.out ?? defaultOutput(table.paths);
    const isJsonLines = /\.(ndjson|jsonl)$/i.test(out);
    const reasons = await reasonCount(scorer, options.top, options.reasons, isJsonLines);
    const writer = await createScoredTableWriter(table, {
      path: out,
      columns: options.columns,
      keyColumns: options.columns === "keys" ? await keyColumns(table) : [],
      ...(options.top > 0
        ? { top: { names: scorer.columns.map((column) => column.name), count: options.top } }
        : {}),
      reasons: reasons > 0,
    });
    signal.addEventListener("abort", () => void writer.abort());
    const began = performance.now();
    const bar = scoringBar(table.rows);
    try {
      const summary = await scoreTable(table, scorer, {
        threshold,
        top: options.top,
        reasons,
        oddest: options.oddest ?? (options.top > 0 ? DEFAULT_ODDEST : 0),
        signal,
        onProgress: (flows) => bar.update(flows),
        onScores: ({ scores, topColumns, reasons: why, ...part }) =>
          writer.write({
            ...part,
            score: scores,
            ...(topColumns ? { top: topColumns } : {}),
            ...(why ? { reasons: why.map((own) => own && JSON.stringify(own)) } : {}),
          }),
      });
      await writer.finish();
      bar.stop();
      const summaryText = formatSummary(summary, threshold, began);
      const oddest = await formatOddest(scorer, summary.oddest, options.top || DEFAULT_REASONS);
      process.stdout.write(`${oddest}${summaryText}`);
      process.stdout.write(`model      ${options.model}\n${warning(summary, options)}`);
      if (writer.replaced.length > 0)
        process.stdout.write(`replaced   the table's own ${writer.replaced.join(", ")}\n`);
      process.stdout.write(`written    ${out}\n`);
    } catch (error) {
      bar.stop();
      await writer.abort();
      if (!signal.aborted) throw error;
      process.stderr.write("score: interrupted; nothing was written\n");
      process.exitCode = EXIT_STATUS.interrupted;
    }
  } finally {
    table.close();
  }
}

async function keyColumns(table: Awaited<ReturnType<typeof openTable>>): Promise<string[]> {
  const { decisions } = await decideRoles(table, "auto", new Map());
  return decisions.filter(({ role }) => role === "identifier").map(({ name }) => name);
}

function budgetOf({ budget }: ScoreArguments): AlertBudget {
  return budget === undefined ? { share: DEFAULT_BUDGET } : parseBudget(budget);
}

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

function defaultOutput(paths: readonly string[]): string {
  const name = basename(paths[0] ?? "flows.parquet").replace(/\.gz$/i, "");
  const extension = extname(name).toLowerCase() === ".json" ? ".ndjson" : extname(name);
  const stem = paths.length > 1 ? "flows" : basename(name, extname(name));
  return `${stem}.scored${extension}`;
}

function formatSummary(summary: ScoreTableSummary, threshold: number, began: number): string {
  const { flows, alerts, missing, unseen } = summary;
  const seconds = (performance.now() - began) / 1000;
  const share = flows === 0 ? 0 : (100 * alerts) / flows;
  const unseenText = [...unseen].map(([column, count]) => `${column} ${rate(count)}`).join(", ");
  return [
    `flows      ${rate(flows)} in ${seconds.toFixed(1)} s, ${rate(flows / seconds)} flows/s`,
    `alerts     ${rate(alerts)} (${share.toFixed(2)} %), score ${threshold.toPrecision(4)} or more`,
    `unseen     ${unseenText === "" ? "no category that the model does not know" : unseenText}`,
    `missing    ${rate(missing)} values`,
    "",
  ].join("\n");
}

/** Alarms far beyond the budget say more of the model than of the traffic. */
function warning({ flows, alerts }: ScoreTableSummary, options: ScoreArguments): string {
  const share = options.threshold === undefined ? budgetOf(options) : undefined;
  if (share === undefined || !("share" in share) || alerts <= 10 * Math.max(share.share * flows, 10))
    return "";
  return (
    "note       far more alarms than the budget: these flows are not like those that the model was trained on;\n" +
    "           train a model on them with `oddflow train`\n"
  );
}
