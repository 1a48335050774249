import { DEFAULT_BUDGET } from "@oddflow/detector";
import {
  allAttacksText,
  evaluateScores,
  formatEvaluation,
  formatLeaks,
  formatRuledAlarms,
  type RuledAlarms,
  ruledAlarms,
} from "@oddflow/evaluation";
import { type Scorer, type ScorerThresholds, scoreRows, Verdict } from "@oddflow/inference";
import { createScorer, inFile } from "@oddflow/inference/node";
import { OddflowError } from "@oddflow/preprocessing";
import type { ReportThreshold } from "@oddflow/report";
import { checkColumns, type OutputPlace } from "@oddflow/tables";
import type { Argv } from "yargs";
import { DEFAULT_MODEL } from "../default-model.ts";
import { openFlows } from "../fetched-flows.ts";
import { flowBlocks } from "../flow-blocks.ts";
import { tellReadings } from "../format-reading.ts";
import { formatQuality, formatSuppressed } from "../format-summary.ts";
import { FLOW_FILES, FROM_OPTION } from "../from-option.ts";
import { CPU_THREADS, type IdleOption, refuseIdle } from "../idle-options.ts";
import { InputQuality } from "../input-quality.ts";
import { parsed } from "../option-values.ts";
import { rate, scoringBar } from "../progress.ts";
import { readModel } from "../read-model.ts";
import { boundTo, readRules, tellLackingOf } from "../read-rules.ts";
import { ReportedFlows } from "../reported-flows.ts";
import { RuledScores } from "../rules/ruled-scores.ts";
import { RULES_OPTION } from "../rules-option.ts";
import { type Command, filesOnly, interruptSignal } from "../run-command.ts";
import { SampledFlows } from "../sampled-flows.ts";
import { readTableLabels } from "../table-labels.ts";
import { complain, print } from "../terminal.ts";
import { budgetText, chooseThreshold, parseBudget } from "../threshold-choice.ts";
import { TRUST_OPTION } from "../trust-option.ts";
import { findReportPlace, namedThreshold, otherThresholds, writeReport } from "../write-report.ts";
import {
  evaluateTraining,
  repeatedTrainingPlan,
  type TrainedEvaluationArguments,
  trainedEvaluationOptions,
  trainingOption,
} from "./evaluate-by-training.ts";

interface EvaluateArguments extends TrainedEvaluationArguments {
  model: string | undefined;
  threshold: number | undefined;
  report: string | undefined;
  trust: string | undefined;
  rules: string | undefined;
}

export const evaluateCommand: Command<EvaluateArguments> = {
  builder: (parser) =>
    trainedEvaluationOptions(parser)
      .positional("flows", {
        type: "string",
        array: true,
        demandOption: true,
        describe: FLOW_FILES,
      })
      .option("model", {
        requiresArg: true,
        alias: "m",
        type: "string",
        describe: "Model file  [default: UNSW-NB15's]",
      })
      .option("budget", {
        requiresArg: true,
        alias: "b",
        type: "string",
        coerce: parsed(parseBudget),
        describe: "Threshold at this share of usual flows, or at alarms such as 50/day",
      })
      .option("threshold", {
        requiresArg: true,
        alias: "t",
        type: "number",
        conflicts: "budget",
        describe: "Threshold  [default: the model's best one, or its budget of 0.01]",
      })
      .option("trust", TRUST_OPTION)
      .option("rules", RULES_OPTION)
      .option("from", FROM_OPTION)
      .option("report", {
        requiresArg: true,
        type: "string",
        describe: "HTML page to write, with figures",
      })
      .option("json", { type: "boolean", default: false, describe: "Print the report as JSON" })
      .example("$0 evaluate test.parquet -m model.onnx", "a table that the model was not trained on")
      .example(
        "$0 evaluate flows.parquet --seeds 5 --split time",
        "train on the earlier flows, test on the later ones",
      ) as unknown as Argv<EvaluateArguments>,
  handler: evaluate,
};

/** Of no meaning where no model is given. */
const MODEL_OPTIONS = ["model", "threshold", "report", "trust", "rules"] as const;

async function evaluate(options: EvaluateArguments): Promise<void> {
  const training = trainingOption(options);
  if (training !== undefined) {
    const model = MODEL_OPTIONS.find((name) => options[name] !== undefined);
    if (model === undefined) return evaluateTraining(repeatedTrainingPlan(options));
    throw new OddflowError(
      "USAGE",
      `--${training} trains anew, and --${model} is for a model that is there; give one of them`,
    );
  }
  refuseIdle(options, IDLE_OPTIONS);
  filesOnly("evaluate", options.flows);
  const model = options.model ?? DEFAULT_MODEL;
  const signal = interruptSignal();
  const bytes = await readModel(model, options.trust);
  const { provider = "auto", threads } = options;
  const scorer = await inFile(model, () => createScorer(bytes, { provider, threads }));
  try {
    await evaluateModel(scorer, model, options, signal);
  } finally {
    await scorer.close();
  }
}

const IDLE_OPTIONS: readonly IdleOption<EvaluateArguments>[] = [
  {
    option: "time",
    isIdle: ({ budget }) => budget === undefined || "share" in budget,
    isFor: "is for --split time, or for a budget of alarms in time, such as --budget 50/day",
  },
  CPU_THREADS,
];

async function evaluateModel(
  scorer: Scorer,
  model: string,
  options: EvaluateArguments,
  signal: AbortSignal,
): Promise<void> {
  const { budget } = options;
  const rules = await readRules(options.rules);
  const table = await openFlows(options.flows, { from: options.from, signal });
  let place: OutputPlace | undefined;
  try {
    if (options.report !== undefined) {
      place = await findReportPlace(options.report, table, { inputs: [model, options.rules] });
    }
    await checkColumns(table, scorer.ownColumns, scorer.context);
    const labels = await readTableLabels(table, options, scorer.training);
    if (labels === undefined) {
      throw new OddflowError(
        "LABELS_MISSING",
        `evaluate: ${table.paths[0]} has no labels (columns: ${table.columns.map(({ name }) => name).join(", ")}); ` +
          "name the label column with --role COLUMN=label",
      );
    }
    tellReadings(table.readings, options.json);
    if (!labels.isAttack.includes(0)) complain(`note       the labels ${allAttacksText(labels)}\n`);
    tellLackingOf(rules, table);
    const scores = new Float32Array(table.rows);
    const bar = scoringBar(table.rows);
    const { thresholds } = scorer;
    const budgeted = budget && (await chooseThreshold(budget, scorer, table, options.time));
    if (budgeted?.rate !== undefined) complain(`rate       ${budgeted.rate}\n`);
    if (budgeted?.caution !== undefined) complain(`note       ${budgeted.caution}\n`);
    const threshold =
      options.threshold ?? budgeted?.threshold ?? thresholds.youden ?? thresholds.forBudget(DEFAULT_BUDGET);
    const inUse = thresholdInUse(options, threshold, thresholds);
    const judged = [inUse, ...otherThresholds(thresholds, threshold)];
    const ruled =
      rules &&
      new RuledScores(
        table.rows,
        judged.map(({ value }) => value),
      );
    const quality = new InputQuality(scorer.columns);
    const sampled = new SampledFlows(scorer.columns, labels.isAttack);
    const reported = place && new ReportedFlows(scorer.columns, labels.isAttack);
    try {
      const source = flowBlocks(table, scorer, { signal, quality, rules: rules && boundTo(rules, table) });
      for await (const rows of scoreRows(source, scorer, new Verdict(threshold), {
        errors: reported !== undefined,
      })) {
        scores.set(rows.score, rows.firstRow);
        sampled.add(rows.block.flows, rows.firstRow);
        ruled?.askBlock(rows);
        reported?.add(rows.block.flows, rows);
        bar.update(rows.firstRow + rows.score.length);
      }
    } finally {
      bar.stop();
    }
    const evaluation = evaluateScores({ scores, ...labels, threshold, suppressed: ruled?.suppressed });
    const alarms =
      ruled && ruledAlarms({ scores, isAttack: labels.isAttack, suppressed: ruled.suppressed }, judged);
    const leaks = sampled.leaks();
    const told = formatLeaks(leaks, RETRAIN);
    const { missing, unseen } = quality;
    print(
      options.json
        ? `${JSON.stringify({ ...evaluation, ...(ruled && { rules: { suppressed: Object.fromEntries(ruled.hidden), alarms } }), leaks, normal: labels.normal ?? null, missing, unseen: Object.fromEntries(unseen) })}\n`
        : `${formatEvaluation(evaluation)}\n\n${ruled && alarms ? rulesText(ruled, alarms) : ""}${told === "" ? "" : `${told}\n\n`}${formatQuality(quality)}`,
    );
    if (place && reported) {
      await writeReport(place, scorer, {
        model,
        table,
        flows: rate(table.rows),
        scores,
        reported,
        labels,
        leaks,
        evaluation,
        threshold: inUse,
        ruled,
      });
      if (!options.json) print(`\nReport: ${place.path}\n`);
    }
  } finally {
    await place?.discard();
    table.close();
  }
}

function rulesText({ hidden }: RuledScores, alarms: readonly RuledAlarms[]): string {
  return [formatRuledAlarms(alarms), ...formatSuppressed(hidden), "", ""].join("\n");
}

/** What can be done about columns that tell the labels. */
const RETRAIN =
  "This model was trained with them, so that only another one tells what is found without them:\n" +
  "evaluate with --seeds 3 trains anew, with and without them.";

/** The threshold by the name that its user knows it by. */
function thresholdInUse(
  { threshold, budget }: EvaluateArguments,
  value: number,
  thresholds: ScorerThresholds,
): ReportThreshold {
  if (threshold !== undefined) return { name: "given with --threshold", value };
  if (budget === undefined) return namedThreshold(value, thresholds);
  const name = `budget of ${budgetText(budget)}`;
  return "share" in budget ? { name, value, budget: budget.share } : { name, value };
}
