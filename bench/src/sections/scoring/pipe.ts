import { comparedFlows } from "../../data/compared-flows.ts";
import type { Models } from "../../data/models.ts";
import { SCORE_BATCH } from "../../inputs.ts";
import { wholeCommand } from "../../measurement.ts";
import { inTurns } from "../../processes/in-turns.ts";
import { type CommandRun, nodeCommand, runCommand } from "../../processes/run-command.ts";
import type { Recorder } from "../../recorder.ts";
import { checkLines } from "./check-scored.ts";
import { inData, ROUNDS, SECTION, scoreBatch } from "./score-batch-command.ts";

const FLOWS = 500_000;

/** A stream whose every byte comes back, beside the same flows from Parquet to Parquet, in turns. */
export async function timePipe(recorder: Recorder, models: Models): Promise<void> {
  const { parquet: table, ndjson: lines, csv, zeek } = await comparedFlows(FLOWS, models.oneNetwork);
  recorder.title(`score-batch in a pipe, ${FLOWS.toLocaleString("en-US")} flows`);
  const output = inData("piped.ndjson");
  const pipe = (model: string, input: string): Promise<CommandRun> =>
    runCommand({ line: nodeCommand(SCORE_BATCH, "-", "-m", model), input, output });
  const toParquet = (model: string): Promise<CommandRun> =>
    runCommand(scoreBatch(model, table, inData("scored.parquet")));
  for (const model of [models.oneNetwork, models.byDefault]) {
    await toParquet(model);
    await pipe(model, lines);
    await checkLines(output, inData("scored.parquet"));
  }
  const runs = await inTurns(ROUNDS, {
    "JSON lines, one network": () => pipe(models.oneNetwork, lines),
    "JSON lines, default detector": () => pipe(models.byDefault, lines),
    "CSV, default detector": () => pipe(models.byDefault, csv),
    "Zeek's TSV, default detector": () => pipe(models.byDefault, zeek),
    "beside them Parquet to Parquet, default detector": () => toParquet(models.byDefault),
  });
  for (const [name, each] of Object.entries(runs)) {
    recorder.add(
      wholeCommand({ section: SECTION, name: `score-batch in a pipe, ${name}`, flows: FLOWS }, each),
    );
  }
}
