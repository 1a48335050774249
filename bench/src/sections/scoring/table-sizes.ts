import type { Models } from "../../data/models.ts";
import { flowsTable } from "../../data/tables.ts";
import { wholeCommand } from "../../measurement.ts";
import { spreadOf } from "../../processes/in-turns.ts";
import { runCommand } from "../../processes/run-command.ts";
import type { Recorder } from "../../recorder.ts";
import { checkRows } from "./check-scored.ts";
import type { OneMillion } from "./one-million.ts";
import { inData, MILLION, SECTION, scoreBatch } from "./score-batch-command.ts";

const SIZES = [10_000, 100_000, 3 * MILLION, 10 * MILLION];
const LARGEST = 10 * MILLION;

/** How flows/s and memory change with the size of the table; one run each. */
export async function timeTableSizes(
  recorder: Recorder,
  models: Models,
  oneMillion: OneMillion,
): Promise<void> {
  const tables = new Map<number, string>();
  for (const flows of SIZES) tables.set(flows, await flowsTable(flows));
  const output = inData("scored.parquet");
  recorder.title("score-batch by the size of the table, one network, all threads");
  for (const [flows, table] of tables) {
    const before = flows === LARGEST ? await oneMillion.stagesSeconds() : Number.NaN;
    const run = await runCommand(scoreBatch(models.oneNetwork, table, output));
    await checkRows(output, flows);
    const name = `score-batch, one network, ${flows.toLocaleString("en-US")} flows`;
    recorder.add(wholeCommand({ section: SECTION, name, flows }, [run]));
    if (flows !== LARGEST) continue;
    // The stages before and after it, since the machine may have become another meanwhile.
    const bounds = [before, await oneMillion.stagesSeconds()].map((seconds) => seconds * (LARGEST / MILLION));
    recorder.figures.boundShareOf10Million = spreadOf(bounds.map((bound) => bound / run.seconds));
    recorder.figures.peakMemory = spreadOf([run.peakMemoryBytes / 1e6]);
    recorder.figures.peakMemoryGrowth = spreadOf([run.peakMemoryBytes / oneMillion.peakMemoryBytes]);
  }
}
