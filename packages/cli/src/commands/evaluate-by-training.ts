import { formatRepeatedEvaluation } from "@oddflow/evaluation";
import { OddflowError } from "@oddflow/preprocessing";
import { type FlowTable, openTable } from "@oddflow/tables";
import {
  chooseEngine,
  DEFAULT_NETWORK,
  DETECTOR_NAMES,
  DETECTOR_PREPROCESSING,
  type DetectorName,
  evaluateByTraining,
  type PartsRequest,
  planEvaluation,
} from "@oddflow/trainer";
import type { Argv } from "yargs";
import { type AlertBudget, budgetText } from "../alert-budget.ts";
import { parseRoleOverrides } from "../column-roles.ts";
import { tellReadings } from "../format-reading.ts";
import { type IdleOption, refuseIdle } from "../idle-options.ts";
import { trainingBar } from "../progress.ts";
import { filesOnly, interruptSignal } from "../run-command.ts";
import { print } from "../terminal.ts";
import { FORMER_NAME } from "../train-arguments.ts";

const SPLITS = ["random", "time"] as const;

/** More trainings than this are a slip of the finger. */
const MOST_SEEDS = 1000;

export interface TrainedEvaluationArguments {
  flows: string[];
  seeds: number | undefined;
  drop: string | undefined;
  split: (typeof SPLITS)[number] | undefined;
  time: string | undefined;
  train: string | undefined;
  attacksInTraining: number | undefined;
  detector: DetectorName | undefined;
  epochs: number | undefined;
  budget: AlertBudget | undefined;
  role: string[];
  json: boolean;
  from: string | undefined;
}

/** Any of these asks for an evaluation by training anew. */
const TRAINING_OPTIONS = {
  seeds: "seeds",
  drop: "drop",
  split: "split",
  train: "train",
  attacksInTraining: "attacks-in-training",
  detector: "detector",
  epochs: "epochs",
} as const;

/** The options of an evaluation by training anew. */
export function trainedEvaluationOptions(parser: Argv): Argv {
  return parser
    .option("seeds", {
      requiresArg: true,
      type: "number",
      describe: "Train anew with seeds 1 to this, on a part of the flows, and test on the others",
    })
    .option("drop", {
      requiresArg: true,
      type: "string",
      describe: "Columns with commas between: train anew with and without them  [default: UNSW-NB15's leaks]",
    })
    .option("split", {
      requiresArg: true,
      choices: SPLITS,
      describe: "Train anew: on any flows, or on the earlier ones to test on the later ones",
    })
    .option("time", {
      requiresArg: true,
      type: "string",
      describe: "Column of times, for --split time and --budget 50/day  [default: found by its name]",
    })
    .option("train", {
      requiresArg: true,
      type: "string",
      describe: "Train anew: on this labelled table, to test on all of <flows..>",
    })
    .option("attacks-in-training", {
      alias: FORMER_NAME,
      requiresArg: true,
      type: "number",
      describe:
        "Train anew: share of attacks to put among training flows  [default: 0.05; 0 with --split time]",
    })
    .option("detector", {
      requiresArg: true,
      choices: DETECTOR_NAMES,
      describe: "Train anew: how features and scores are made  [default: robust]",
    })
    .option("epochs", {
      requiresArg: true,
      type: "number",
      describe: "Train anew: most epochs  [default: by the detector and the number of rows]",
    });
}

/** The option that asks for training anew; undefined where a model file is to be evaluated. */
export function trainingOption(options: TrainedEvaluationArguments): string | undefined {
  const names = Object.keys(TRAINING_OPTIONS) as (keyof typeof TRAINING_OPTIONS)[];
  const asked = names.find((name) => options[name] !== undefined);
  return asked && TRAINING_OPTIONS[asked];
}

/** Trains a detector for every seed on a part of the flows, tests it on the others, and prints what that came to. */
export async function evaluateTraining(options: TrainedEvaluationArguments): Promise<void> {
  checkOptions(options);
  refuseIdle(options, IDLE_OPTIONS);
  const budget = options.budget === undefined ? undefined : budgetShare(options.budget);
  const signal = interruptSignal();
  const table = await openTable(options.flows, { from: options.from });
  let training: FlowTable | undefined;
  try {
    if (options.train !== undefined) training = await openTrainingTable(options.train, table, options.from);
    const plan = await planEvaluation({
      table,
      parts: partsRequest(options, training),
      ...(options.attacksInTraining === undefined ? {} : { contamination: options.attacksInTraining }),
      roles: parseRoleOverrides(options.role),
      signal,
    });
    tellReadings(table.readings, options.json);
    const detector = options.detector ?? "robust";
    let bar = trainingBar();
    let current = 0;
    const evaluation = await evaluateByTraining(plan, chooseEngine({ engine: "auto", provider: "auto" }), {
      seeds: options.seeds ?? 1,
      drop: options.drop === undefined ? plan.roles.labelLeaks : columnNames(options.drop),
      ...(budget === undefined ? {} : { budget }),
      training: {
        detector,
        clean: "auto",
        preprocessing: DETECTOR_PREPROCESSING[detector],
        network: DEFAULT_NETWORK,
        schedule: options.epochs === undefined ? {} : { epochs: options.epochs },
        signal,
      },
      onProgress: (progress, run, runs) => {
        if (run !== current) {
          bar.stop();
          bar = trainingBar(`training ${run}/${runs}, `);
          current = run;
        }
        bar.update(progress);
      },
    }).finally(() => bar.stop());
    print(
      options.json
        ? `${JSON.stringify({ flows: table.paths, train: training?.paths ?? null, detector, ...evaluation })}\n`
        : `Columns: ${plan.dataset.columns.length} features by ${plan.roles.by}\n${formatRepeatedEvaluation(evaluation)}\n`,
    );
  } finally {
    training?.close();
    table.close();
  }
}

const IDLE_OPTIONS: readonly IdleOption<TrainedEvaluationArguments>[] = [
  { option: "time", isIdle: ({ split }) => split !== "time", isFor: "is for --split time" },
];

function checkOptions({ flows, seeds, split, train, epochs }: TrainedEvaluationArguments): void {
  filesOnly("evaluate", train === undefined ? flows : [...flows, train]);
  for (const [name, value, most] of [
    ["seeds", seeds ?? 1, MOST_SEEDS],
    ["epochs", epochs ?? 1, Number.MAX_SAFE_INTEGER],
  ] as const) {
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new OddflowError("USAGE", `--${name} ${value}: expected a whole number from 1 to ${most}`);
    }
  }
  if (train !== undefined && split !== undefined) {
    throw new OddflowError(
      "USAGE",
      `--train tests on all of <flows..>, so there is nothing for --split ${split} to split; give one of them`,
    );
  }
}

async function openTrainingTable(
  path: string,
  tested: FlowTable,
  from: string | undefined,
): Promise<FlowTable> {
  const training = await openTable(path, { from });
  const both = training.paths.find((file) => tested.paths.includes(file));
  if (both === undefined) return training;
  training.close();
  throw new OddflowError(
    "USAGE",
    `--train ${path}: ${both} is tested on, too; name another table, or split this one with --split`,
  );
}

function partsRequest(
  { split, time }: TrainedEvaluationArguments,
  training: FlowTable | undefined,
): PartsRequest {
  if (training !== undefined) return { kind: "transfer", training };
  if (split === "time") return { kind: "time", ...(time === undefined ? {} : { column: time }) };
  return { kind: "random" };
}

function budgetShare(budget: AlertBudget): number {
  if ("share" in budget) return budget.share;
  throw new OddflowError(
    "USAGE",
    `--budget ${budgetText(budget)}: give a share of flows when a detector is trained anew`,
  );
}

function columnNames(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (!names.includes("")) return names;
  throw new OddflowError("USAGE", `--drop ${text}: expected names of columns with commas between them`);
}
