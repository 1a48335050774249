import { planEvaluation, type SplitRequest } from "@oddflow/datasets";
import { formatLeaks, formatRepeatedEvaluation, labelLeaks, ownRocAucs } from "@oddflow/evaluation";
import { contextColumns, OddflowError } from "@oddflow/preprocessing";
import type { FlowTable } from "@oddflow/tables";
import { chooseEngine, evaluateByTraining, type FlowDataset, SEEDS } from "@oddflow/trainer";
import type { Argv } from "yargs";
import {
  DETECTOR_OPTION_NAMES,
  type DetectorArguments,
  detectorOptions,
  detectorPlan,
} from "../detector-arguments.ts";

import { openFlows } from "../fetched-flows.ts";
import { tellReadings } from "../format-reading.ts";
import { type IdleOption, refuseIdle } from "../idle-options.ts";
import { namesIn, numberIn } from "../option-values.ts";
import { trainingBar } from "../progress.ts";
import { filesOnly, interruptSignal } from "../run-command.ts";
import { shownPath } from "../shown-paths.ts";
import { contextSpecOf, formatContext, tableContext } from "../table-context.ts";
import { print } from "../terminal.ts";
import { addRunning } from "../threads/running-threads.ts";
import { type AlertBudget, budgetText } from "../threshold-choice.ts";
import type { RepeatedTrainingPlan } from "../training-plan.ts";

const SPLITS = ["random", "time"] as const;

export interface TrainedEvaluationArguments extends DetectorArguments {
  flows: string[];
  seeds: number | undefined;
  drop: string[] | undefined;
  split: (typeof SPLITS)[number] | undefined;
  time: string | undefined;
  train: string | undefined;
  budget: AlertBudget | undefined;
  json: boolean;
  from: string | undefined;
}

/** Of meaning for a model that is there, too. */
const SHARED_OPTIONS: readonly string[] = ["role", "normal", "provider", "threads"];

/** Any of these asks for an evaluation by training anew. */
const TRAINING_OPTIONS: readonly string[] = [
  "seeds",
  "drop",
  "split",
  "train",
  ...DETECTOR_OPTION_NAMES.filter((name) => !SHARED_OPTIONS.includes(name)),
];

/** The options of an evaluation by training anew: its own, and all that say which detector `oddflow train` makes. */
export function trainedEvaluationOptions(parser: Argv): Argv {
  const own = parser
    .option("seeds", {
      requiresArg: true,
      type: "number",
      coerce: numberIn("seeds", SEEDS),
      describe: "Seeds 1 to this, on a part of the flows each, tested on the others",
    })
    .option("drop", {
      requiresArg: true,
      type: "string",
      coerce: namesIn("drop", "names of columns"),
      defaultDescription: "those that tell the labels by themselves",
      describe: "Columns with commas between: with and without them",
    })
    .option("split", {
      requiresArg: true,
      choices: SPLITS,
      describe: "On any flows, or on the earlier ones to test on the later ones",
    })
    .option("time", {
      requiresArg: true,
      type: "string",
      describe: "Column of times, for --split time and --budget 50/day  [default: found by its name]",
    })
    .option("train", {
      requiresArg: true,
      type: "string",
      describe: "On this labelled table, to test on all of <flows..>",
    });
  return detectorOptions(own, {
    "attacks-in-training": { defaultDescription: "0.05; 0 with --split time" },
    provider: { describe: "Where the training steps run, or the model" },
  }).group([...TRAINING_OPTIONS], "To train anew, as oddflow train does:") as unknown as Argv;
}

/** The option that asks for training anew; undefined where a model file is to be evaluated. */
export function trainingOption(options: TrainedEvaluationArguments): string | undefined {
  const given = new Map<string, unknown>(Object.entries(options));
  return TRAINING_OPTIONS.find((name) => given.get(name) !== undefined);
}

/**
 * What an evaluation by training anew is asked for.
 * @throws OddflowError USAGE for what cannot go together
 */
export function repeatedTrainingPlan(options: TrainedEvaluationArguments): RepeatedTrainingPlan {
  const { flows, from, seeds = 1, drop, split, time, train, budget, json } = options;
  filesOnly("evaluate", train === undefined ? flows : [...flows, train]);
  if (train !== undefined && split !== undefined) {
    throw new OddflowError(
      "USAGE",
      `--train tests on all of <flows..>, so there is nothing for --split ${split} to split; give one of them`,
    );
  }
  refuseIdle(options, IDLE_OPTIONS);
  return {
    ...detectorPlan(options),
    files: flows,
    from,
    trainingFile: train,
    split: split ?? "random",
    timeColumn: time,
    seeds,
    drop,
    budget: budget && budgetShare(budget),
    json,
  };
}

/** Trains a detector for every seed on a part of the flows, tests it on the others, and prints what that came to. */
export async function evaluateTraining(plan: RepeatedTrainingPlan): Promise<void> {
  const engine = chooseEngine(plan.engine);
  const signal = interruptSignal();
  const table = await openFlows(plan.files, { from: plan.from, signal });
  let training: FlowTable | undefined;
  try {
    if (plan.trainingFile !== undefined)
      training = await openTrainingTable(plan.trainingFile, table, plan.from, signal);
    const context = await tableContext(training ?? table, plan.context, plan.calendar);
    const evaluated = await planEvaluation({
      table,
      splitBy: splitRequest(plan, training),
      roleSource: plan.roles,
      roles: plan.ownRoles,
      normal: plan.normal,
      context: contextSpecOf(context),
      signal,
    });
    tellReadings(table.readings, plan.json);
    const { dataset, roles } = evaluated;
    const leaks = labelLeaks(ownRocAucs(dataset, dataset.labels.isAttack));
    const drop = plan.drop ?? droppable(dataset, [...roles.labelLeaks, ...leaks.map(({ column }) => column)]);
    let bar = trainingBar();
    let current = 0;
    const evaluation = await evaluateByTraining(evaluated, engine, {
      seeds: plan.seeds,
      drop,
      budget: plan.budget,
      flows: plan.flows,
      detector: plan.detector,
      signal,
      onThread: addRunning,
      onProgress: (progress, run, runs) => {
        if (run !== current) {
          bar.stop();
          bar = trainingBar(`training ${run}/${runs}, `);
          current = run;
        }
        bar.update(progress);
      },
    }).finally(() => bar.stop());
    const detector = plan.detector.name;
    const told = formatLeaks(leaks, drop.length > 0 ? DROPPED : NOT_DROPPED);
    print(
      plan.json
        ? `${JSON.stringify({ flows: table.paths.map(shownPath), train: training?.paths.map(shownPath) ?? null, detector, leaks, ...evaluation })}\n`
        : `Columns: ${dataset.columns.length} features by ${roles.by}\n${formatContext(context)}\n${told === "" ? "" : `${told}\n\n`}${formatRepeatedEvaluation(evaluation)}\n`,
    );
  } finally {
    training?.close();
    table.close();
  }
}

/** What is done about columns that tell the labels. */
const DROPPED = "A detector may owe its figures to them: they are told without what is dropped, too.";
const NOT_DROPPED = "No other column is left to do without them.";

/** Those columns, each once; none where no column of a flow itself would be left. */
function droppable({ columns, context }: FlowDataset, names: readonly string[]): readonly string[] {
  const own = columns.length - (context ? contextColumns(context).length : 0);
  const dropped = new Set(names);
  return columns.slice(0, own).every(({ name }) => dropped.has(name)) ? [] : [...dropped];
}

const IDLE_OPTIONS: readonly IdleOption<TrainedEvaluationArguments>[] = [
  { option: "time", isIdle: ({ split }) => split !== "time", isFor: "is for --split time" },
];

async function openTrainingTable(
  path: string,
  tested: FlowTable,
  from: string | undefined,
  signal: AbortSignal,
): Promise<FlowTable> {
  const training = await openFlows(path, { from, signal });
  const both = training.paths.find((file) => tested.paths.includes(file));
  if (both === undefined) return training;
  training.close();
  throw new OddflowError(
    "USAGE",
    `--train ${path}: ${both} is tested on, too; name another table, or split this one with --split`,
  );
}

function splitRequest(
  { split, timeColumn }: RepeatedTrainingPlan,
  training: FlowTable | undefined,
): SplitRequest {
  if (training !== undefined) return { kind: "transfer", training };
  return split === "time" ? { kind: "time", column: timeColumn } : { kind: "random" };
}

function budgetShare(budget: AlertBudget): number {
  if ("share" in budget) return budget.share;
  throw new OddflowError(
    "USAGE",
    `--budget ${budgetText(budget)}: give a share of flows when a detector is trained anew`,
  );
}
