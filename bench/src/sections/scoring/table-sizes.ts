import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Models } from "../../data/models.ts";
import { flowsTable } from "../../data/tables.ts";
import { wholeCommand } from "../../measurement.ts";
import { spreadOf } from "../../processes/in-turns.ts";
import { type CommandRun, runCommand } from "../../processes/run-command.ts";
import type { Recorder } from "../../recorder.ts";
import { checkRows } from "./check-scored.ts";
import type { OneMillion } from "./one-million.ts";
import { inData, MILLION, SECTION, scoreBatch } from "./score-batch-command.ts";

const SIZES = [10_000, 100_000, 3 * MILLION];
const LARGEST = 10 * MILLION;
const OUTPUT = inData("scored.parquet");
const NAMES: Readonly<Record<keyof Models, string>> = {
  oneNetwork: "one network",
  byDefault: "default detector",
};

/** How flows/s and memory change with the size of the table; one run each. */
export async function timeTableSizes(
  recorder: Recorder,
  models: Models,
  oneMillion: OneMillion,
): Promise<void> {
  const tables: [number, string][] = [];
  for (const flows of [...SIZES, LARGEST]) tables.push([flows, await flowsTable(flows)]);
  recorder.title("score-batch by the size of the table, all threads");
  for (const [flows, table] of tables) {
    if (flows !== LARGEST) await timeTable(recorder, models, { model: "oneNetwork", flows, table });
    else await timeLargest(recorder, models, table, oneMillion);
  }
}

async function timeLargest(
  recorder: Recorder,
  models: Models,
  table: string,
  oneMillion: OneMillion,
): Promise<void> {
  const { figures } = recorder;
  const seconds: Partial<Record<keyof Models, number>> = {};
  for (const model of ["oneNetwork", "byDefault"] as const) {
    const before = await oneMillion.stagesSeconds(model);
    const run = await timeTable(recorder, models, { model, flows: LARGEST, table });
    // The stages before and after it, since the machine may have become another meanwhile.
    const stages = [before, await oneMillion.stagesSeconds(model)];
    const share = spreadOf(stages.map((each) => (each * (LARGEST / MILLION)) / run.seconds));
    figures[model === "byDefault" ? "boundShareOf10MillionByDefault" : "boundShareOf10Million"] = share;
    seconds[model] = run.seconds;
    if (model === "byDefault") continue;
    figures.peakMemory = spreadOf([run.peakMemoryBytes / 1e6]);
    figures.peakMemoryGrowth = spreadOf([run.peakMemoryBytes / oneMillion.peakMemoryBytes]);
  }
  if (!isThere("taskset")) {
    recorder.skip("score-batch on one core", "there is no taskset to hold it there");
    return;
  }
  const oneCore = await timeTable(recorder, models, {
    model: "byDefault",
    flows: LARGEST,
    table,
    isHeldToOneCore: true,
  });
  figures.twoCores = spreadOf([oneCore.seconds / (seconds.byDefault ?? Number.NaN)]);
}

interface SizedRun {
  readonly model: keyof Models;
  readonly flows: number;
  readonly table: string;
  /** By the system, to the first. */
  readonly isHeldToOneCore?: boolean;
}

async function timeTable(
  recorder: Recorder,
  models: Models,
  { model, flows, table, isHeldToOneCore = false }: SizedRun,
): Promise<CommandRun> {
  const command = scoreBatch(models[model], table, OUTPUT, ...(isHeldToOneCore ? ["--threads", "1"] : []));
  const line = isHeldToOneCore ? ["taskset", "-c", "0", ...command.line] : command.line;
  const run = await runCommand({ ...command, line });
  await checkRows(OUTPUT, flows);
  const held = isHeldToOneCore ? ", --threads 1, held to one core" : "";
  const name = `score-batch, ${NAMES[model]}, ${flows.toLocaleString("en-US")} flows${held}`;
  recorder.add(wholeCommand({ section: SECTION, name, flows }, [run]));
  return run;
}

/** Whether a program is on the path. */
function isThere(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}
