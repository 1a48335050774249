import { loadDataset } from "@oddflow/datasets";
import { refuseSlips } from "@oddflow/preprocessing";
import type { RuleSet } from "@oddflow/rules";
import { decideRoles, findOutputPlace, type OutputPlace } from "@oddflow/tables";
import { chooseEngine, SEED, trainDetector } from "@oddflow/trainer";
import type { Argv } from "yargs";
import { formatRoles, roleNotes } from "../column-roles.ts";
import { type DetectorArguments, detectorOptions, detectorPlan } from "../detector-arguments.ts";
import { openFlows } from "../fetched-flows.ts";
import { tellReadings } from "../format-reading.ts";
import { formatTraining, formatTrainingJson } from "../format-training.ts";
import { FLOW_FILES, FROM_OPTION } from "../from-option.ts";
import { refuseIdle } from "../idle-options.ts";
import { numberIn } from "../option-values.ts";
import { trainingBar } from "../progress.ts";
import { readRules, tellLackingOf } from "../read-rules.ts";
import { reportOnTraining } from "../report-on-training.ts";
import { RULES_OPTION } from "../rules-option.ts";
import { type Command, EXIT_STATUS, filesOnly, interruptSignal, isCtrlC } from "../run-command.ts";
import { contextSpecOf, formatContext, tableContext } from "../table-context.ts";
import { complain, print } from "../terminal.ts";
import { addRunning } from "../threads/running-threads.ts";
import type { TrainingPlan } from "../training-plan.ts";
import { findReportPlace } from "../write-report.ts";

interface TrainArguments extends DetectorArguments {
  flows: string[];
  from: string | undefined;
  out: string;
  seed: number;
  report: string | undefined;
  rules: string | undefined;
  json: boolean;
}

export const trainCommand: Command<TrainArguments> = {
  builder: (parser) =>
    detectorOptions(
      parser
        .positional("flows", {
          type: "string",
          array: true,
          demandOption: true,
          describe: FLOW_FILES,
        })
        .option("out", {
          requiresArg: true,
          alias: "o",
          type: "string",
          default: "model.onnx",
          describe: "Model file to write",
        })
        .option("from", FROM_OPTION)
        .option("seed", {
          requiresArg: true,
          type: "number",
          default: 1,
          coerce: numberIn("seed", SEED),
          describe: "Seed of every random choice",
        }) as unknown as Argv,
    )
      .option("report", {
        requiresArg: true,
        type: "string",
        describe: "HTML page to write, with figures of the test part",
      })
      .option("rules", {
        ...RULES_OPTION,
        describe: 'File of rules whose alarms the report leaves out; the README\'s "oddflow rules" says more',
      })
      .option("json", { type: "boolean", default: false, describe: "Print the result as JSON" })
      .example("$0 train flows.parquet -o model.onnx", "train on a table")
      .example(
        "$0 train flows.csv --role vlan=category --role label=label",
        "say what columns are",
      ) as unknown as Argv<TrainArguments>,
  handler: (options) => train(trainingPlan(options)),
};

/** @throws OddflowError USAGE for what cannot go together */
function trainingPlan(options: TrainArguments): TrainingPlan {
  refuseIdle(options, [
    { option: "rules", isIdle: ({ report }) => report === undefined, isFor: "is for a --report" },
  ]);
  const { flows, from, out, seed, report, rules, json } = options;
  const plan = detectorPlan(options);
  filesOnly("train", flows);
  return { ...plan, files: flows, from, seed, out, report, rules, json };
}

async function train(plan: TrainingPlan): Promise<void> {
  const { json, out } = plan;
  const signal = interruptSignal();
  const engine = chooseEngine(plan.engine);
  // What is trained when it is interrupted is kept, and the table is still read for the report.
  const opening = new AbortController();
  const stop = (): void => opening.abort(signal.reason);
  signal.addEventListener("abort", stop);
  const table = await openFlows(plan.files, { from: plan.from, signal: opening.signal }).finally(() =>
    signal.removeEventListener("abort", stop),
  );
  let place: OutputPlace | undefined;
  let rules: RuleSet | undefined;
  let report: OutputPlace | undefined;
  try {
    place = await findOutputPlace(
      out,
      [...table.paths, ...(plan.rules === undefined ? [] : [plan.rules])].map((path) => ({ path })),
    );
    if (plan.report !== undefined)
      report = await findReportPlace(plan.report, table, { inputs: [plan.rules], outputs: [out] });
    rules = await readRules(plan.rules);
    tellLackingOf(rules, table);
    const roles = await decideRoles(table, plan.roles, plan.ownRoles, plan.normal);
    refuseSlips(roles);
    tellReadings(table.readings, json);
    const context = await tableContext(table, plan.context, plan.calendar);
    const spec = contextSpecOf(context);
    const without = spec?.calendar ? ", the calendar alone with --calendar off" : "";
    const hint = spec ? `\n  (leave it out with --context off${without})` : "";
    if (!json) print(`${formatRoles(roles)}\n\n${formatContext(context)}${hint}\n\n`);
    else for (const note of roleNotes(roles.decisions)) complain(`note       ${note}\n`);
    const dataset = await loadDataset(table, roles.decisions, {
      context: contextSpecOf(context),
      normal: plan.normal,
      signal,
    });
    if (!json) print(`Engine: ${engine.name}, ${await engine.describe()}\n`);
    const bar = trainingBar();
    const began = performance.now();
    const trained = await trainDetector(dataset, engine, {
      flows: plan.flows,
      detector: plan.detector,
      run: { seed: plan.seed, signal, onThread: addRunning, onProgress: (progress) => bar.update(progress) },
    }).finally(() => bar.stop());
    // Half a training is better than none to who watches it; to whoever else ends it, the former model is.
    if (signal.aborted && !isCtrlC(signal)) throw signal.reason;
    await place.fill(trained.model);
    await place.take();
    if (report !== undefined) await reportOnTraining(report, trained, { model: out, table, dataset }, rules);
    const seconds = (performance.now() - began) / 1000;
    print(json ? formatTrainingJson(trained, out) : formatTraining(trained, out, seconds));
    if (report !== undefined && !json) print(`Report: ${report.path}\n`);
    if (signal.aborted) process.exitCode = EXIT_STATUS.interrupted;
  } finally {
    await place?.discard();
    await report?.discard();
    table.close();
  }
}
