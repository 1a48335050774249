import { refuseSlips } from "@oddflow/preprocessing";
import { decideRoles, findOutputPlace, type OutputPlace, openTable } from "@oddflow/tables";
import { chooseEngine, loadDataset, trainDetector } from "@oddflow/trainer";
import type { Argv, CommandModule } from "yargs";
import { formatRoles, parseRoleOverrides, roleNotes } from "../column-roles.ts";
import { tellReadings } from "../format-reading.ts";
import { formatTraining, formatTrainingJson } from "../format-training.ts";
import { trainingBar } from "../progress.ts";
import { reportOnTraining } from "../report-on-training.ts";
import { EXIT_STATUS, filesOnly, interruptSignal, isCtrlC } from "../run-command.ts";
import { complain, print } from "../terminal.ts";
import { detectorOptions, type TrainArguments, trainOptions } from "../train-arguments.ts";
import { findReportPlace } from "../write-report.ts";

export const trainCommand: CommandModule<object, TrainArguments> = {
  command: "train <flows..>",
  describe: "Train a detector on a table of flows, with or without labels, and evaluate it",
  builder: (parser) => trainOptions(parser as Argv),
  handler: train,
};

async function train(options: TrainArguments): Promise<void> {
  const training = detectorOptions(options);
  filesOnly("train", options.flows);
  const signal = interruptSignal();
  const engine = chooseEngine({
    engine: options.engine,
    provider: options.provider,
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  });
  const table = await openTable(options.flows, { from: options.from });
  let place: OutputPlace | undefined;
  let report: OutputPlace | undefined;
  try {
    place = await findOutputPlace(
      options.out,
      table.paths.map((path) => ({ path })),
    );
    if (options.report !== undefined)
      report = await findReportPlace(options.report, table, { outputs: [options.out] });
    const roles = await decideRoles(table, options.roles, parseRoleOverrides(options.role));
    refuseSlips(roles);
    tellReadings(table.readings, options.json);
    if (!options.json) print(`${formatRoles(roles)}\n\n`);
    else for (const note of roleNotes(roles.decisions)) complain(`note       ${note}\n`);
    const dataset = await loadDataset(table, roles.decisions, signal);
    if (!options.json) print(`Engine: ${engine.name}, ${await engine.describe()}\n`);
    const bar = trainingBar();
    const began = performance.now();
    const trained = await trainDetector(dataset, engine, {
      ...training,
      onProgress: (progress) => bar.update(progress),
      signal,
    }).finally(() => bar.stop());
    // Half a training is better than none to who watches it; to whoever else ends it, the former model is.
    if (signal.aborted && !isCtrlC(signal)) throw signal.reason;
    await place.fill(trained.model);
    await place.take();
    if (report !== undefined) await reportOnTraining(report, trained, { model: options.out, table, dataset });
    const seconds = (performance.now() - began) / 1000;
    print(
      options.json ? formatTrainingJson(trained, options.out) : formatTraining(trained, options.out, seconds),
    );
    if (report !== undefined && !options.json) print(`Report: ${report.path}\n`);
    if (signal.aborted) process.exitCode = EXIT_STATUS.interrupted;
  } finally {
    await place?.discard();
    await report?.discard();
    table.close();
  }
}
