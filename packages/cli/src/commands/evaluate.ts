import { createScorer, OddflowError, PROVIDERS } from "@oddflow/inference/node";
import { checkColumns, openTable } from "@oddflow/tables";
import { DEFAULT_BUDGET, evaluateScores, formatEvaluation } from "@oddflow/trainer";
import type { Argv, CommandModule } from "yargs";
import { budgetThreshold, parseBudget } from "../alert-budget.ts";
import { decideRoles, parseRoleOverrides } from "../column-roles.ts";
import { DEFAULT_MODEL } from "../default-model.ts";
import { loadLabels } from "../load-dataset.ts";
import { scoringBar } from "../progress.ts";
import { filesOnly, interruptSignal } from "../run-command.ts";
import { scoreTable } from "../score-table.ts";

interface EvaluateArguments {
  flows: string[];
  model: string;
  budget: string | undefined;
  threshold: number | undefined;
  role: string[];
  provider: (typeof PROVIDERS)[number];
  json: boolean;
}

export const evaluateCommand: CommandModule<object, EvaluateArguments> = {
  command: "evaluate <flows..>",
  describe: "Say how well a model finds the attacks of a labelled table",
  builder: (parser) =>
    (parser as Argv)
      .positional("flows", {
        type: "string",
        array: true,
        demandOption: true,
        describe: "Parquet, CSV or NDJSON files or globs",
      })
      .option("model", {
        requiresArg: true,
        alias: "m",
        type: "string",
        default: DEFAULT_MODEL,
        defaultDescription: "UNSW-NB15's",
        describe: "Model file",
      })
      .option("budget", {
        requiresArg: true,
        alias: "b",
        type: "string",
        describe: "Threshold at this share of usual flows, or at alarms such as 50/day",
      })
      .option("threshold", {
        requiresArg: true,
        alias: "t",
        type: "number",
        conflicts: "budget",
        describe: "Threshold  [default: the model's best one, or its budget of 0.01]",
      })
      .option("role", {
        requiresArg: true,
        type: "string",
        array: true,
        default: [] as string[],
        describe: "COLUMN=label, where no name says so",
      })
      .option("provider", {
        requiresArg: true,
        choices: PROVIDERS,
        default: "auto" as const,
        describe: "Where the model runs",
      })
      .option("json", { type: "boolean", default: false, describe: "Print the report as JSON" })
      .example(
        "$0 evaluate test.parquet -m model.onnx",
        "a table that the model was not trained on",
      ) as unknown as Argv<EvaluateArguments>,
  handler: evaluate,
};

async function evaluate(options: EvaluateArguments): Promise<void> {
  filesOnly("evaluate", options.flows);
  const budget = options.budget === undefined ? undefined : parseBudget(options.budget);
  const scorer = await createScorer(options.model, { provider: options.provider });
  const table = await openTable(options.flows);
  try {
    await checkColumns(table, scorer.columns);
    const { decisions } = await decideRoles(table, "auto", parseRoleOverrides(options.role));
    const labels = await loadLabels(table, decisions);
    if (labels === undefined) {
      throw new OddflowError(
        "LABELS_MISSING",
        `evaluate: ${table.paths[0]} has no labels (columns: ${table.columns.map(({ name }) => name).join(", ")}); ` +
          "name the label column with --role COLUMN=label",
      );
    }
    const scores = new Float32Array(table.rows);
    const bar = scoringBar(table.rows);
    let done = 0;
    const { thresholds } = scorer;
    const threshold =
      options.threshold ??
      (budget === undefined
        ? (thresholds.youden ?? thresholds.forBudget(DEFAULT_BUDGET))
        : await budgetThreshold(budget, scorer, table));
    await scoreTable(table, scorer, {
      threshold,
      top: 0,
      oddest: 0,
      signal: interruptSignal(),
      onProgress: (flows) => bar.update(flows),
      onScores: (part) => {
        scores.set(part.scores, done);
        done += part.scores.length;
      },
    }).finally(() => bar.stop());
    const report = evaluateScores({ scores, ...labels, threshold });
    process.stdout.write(`${options.json ? JSON.stringify(report) : formatEvaluation(report)}\n`);
  } finally {
    table.close();
    await scorer.close();
  }
}
