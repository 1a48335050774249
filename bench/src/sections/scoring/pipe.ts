import type { Models } from "../../data/models.ts";
import { flowLines, flowsTable } from "../../data/tables.ts";
import { SCORE_BATCH } from "../../inputs.ts";
import { wholeCommand } from "../../measurement.ts";
import { inTurns } from "../../processes/in-turns.ts";
import { type CommandRun, nodeCommand, runCommand } from "../../processes/run-command.ts";
import type { Recorder } from "../../recorder.ts";
import { checkLines } from "./check-scored.ts";
import { inData, ROUNDS, SECTION, scoreBatch } from "./score-batch-command.ts";

const FLOWS = 100_000;

/** Lines of JSON in a pipe, and out of it. */
export async function timePipe(recorder: Recorder, models: Models): Promise<void> {
  const table = await flowsTable(FLOWS);
  const lines = await flowLines(table, models.oneNetwork);
  recorder.title(`score-batch in a pipe, ${FLOWS.toLocaleString("en-US")} lines of JSON`);
  const run = async (model: string): Promise<CommandRun> => {
    const line = nodeCommand(SCORE_BATCH, "-", "-m", model, "--columns", "keys");
    return runCommand({ line, input: lines, output: inData("piped.ndjson") });
  };
  for (const model of [models.oneNetwork, models.byDefault]) {
    await runCommand(scoreBatch(model, table, inData("scored.parquet")));
    await run(model);
    await checkLines(inData("piped.ndjson"), inData("scored.parquet"));
  }
  const runs = await inTurns(ROUNDS, {
    "one network": () => run(models.oneNetwork),
    "default detector": () => run(models.byDefault),
  });
  for (const [name, each] of Object.entries(runs)) {
    recorder.add(
      wholeCommand({ section: SECTION, name: `score-batch in a pipe, ${name}`, flows: FLOWS }, each),
    );
  }
}
