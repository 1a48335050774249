import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  MODEL_A_CORE,
  MODEL_ONE_PROCESS,
  ONE_CONNECTION,
  SCAN_A_CORE,
  SCAN_ONE_PROCESS,
} from "../../case-names.ts";
import type { Models } from "../../data/models.ts";
import { flowsTable } from "../../data/tables.ts";
import { ALL_THREADS } from "../../inputs.ts";
import { flowsPerSecond, wholeCommand } from "../../measurement.ts";
import { type CaseProcess, startSuite } from "../../processes/case-process.ts";
import { inTurns, type Spread, spreadOf, spreadOverRounds } from "../../processes/in-turns.ts";
import { type Command, type CommandRun, nodeCommand, runCommand } from "../../processes/run-command.ts";
import type { Recorder } from "../../recorder.ts";
import { checkRows, checkScored } from "./check-scored.ts";
import { fitPeer, type ScoringPeer } from "./python-peer.ts";
import { inData, MILLION, ROUNDS, SECTION, SHORT_ROUNDS, scoreBatch } from "./score-batch-command.ts";
import { scoredColumns } from "./scored-columns.ts";

/** What the other sizes are held against. */
export interface OneMillion {
  readonly peakMemoryBytes: number;
  /** Times the stages alone, once more. @returns their seconds, added up */
  stagesSeconds(model: keyof Models): Promise<number>;
  /** Ends the processes of the stages. */
  close(): Promise<void>;
}

const PEER = "pandas + scikit-learn + PyTorch";
const COPY_COLUMNS = fileURLToPath(new URL("../../copy-columns.js", import.meta.url));

/** One million flows: the stages alone, the commands and the peer, in turns. */
export async function timeOneMillion(recorder: Recorder, models: Models): Promise<OneMillion> {
  const table = await flowsTable(MILLION);
  const peer = await fitPeer(models.oneNetwork);
  if ("skipped" in peer) recorder.skip(PEER, peer.skipped);
  else Object.assign(recorder.versions, peer.versions);
  recorder.title("1,000,000 flows, Parquet to Parquet, in turns; commands with the start of their process");
  const references = { oneNetwork: inData("one-network.f32"), byDefault: inData("by-default.f32") };
  const stages = await startSuite("stages", models.oneNetwork, table, references.oneNetwork);
  const stagesByDefault = await startSuite("stages", models.byDefault, table, references.byDefault);
  const output = inData("scored.parquet");
  const ours = (model: keyof Models, ...options: string[]): Command =>
    scoreBatch(models[model], table, output, ...options);
  const run = runChecked(output);
  const { keys, numbers, categories } = await scoredColumns(models.byDefault);
  const copied = [...keys, ...numbers, ...categories];

  const scan = (): Promise<number> => fastest(stages, [ONE_CONNECTION, SCAN_A_CORE]);
  const model = (): Promise<number> => fastest(stages, [MODEL_A_CORE]);
  const modelByDefault = (): Promise<number> => fastest(stagesByDefault, [MODEL_A_CORE]);
  // Each writes its reference the first time, and the order of turns is drawn.
  await model();
  await modelByDefault();
  const rounds = await inTurns(SHORT_ROUNDS, {
    scan,
    model,
    ours: () => run(ours("oneNetwork"), references.oneNetwork),
  });
  const others = await inTurns(ROUNDS, {
    ours: () => run(ours("oneNetwork"), references.oneNetwork),
    ...("skipped" in peer ? {} : { peer: () => runPeer(peer, table) }),
    scan,
    modelByDefault,
    byDefault: () => run(ours("byDefault"), references.byDefault),
    speedUp: () => speedUpOf(stagesByDefault),
    copy: () => copyColumns(table, copied),
  });
  const subject = (name: string) => ({ section: SECTION, name, flows: MILLION });
  recorder.add(flowsPerSecond(subject("scan alone"), rounds.scan));
  recorder.add(flowsPerSecond(subject("the model alone, one network"), rounds.model));
  recorder.add(flowsPerSecond(subject("the model alone, default detector"), others.modelByDefault));
  const command = (name: string, runs: readonly CommandRun[]): void =>
    recorder.add(wholeCommand(subject(name), runs));
  command("score-batch, one network", rounds.ours);
  command("score-batch, default detector", others.byDefault);
  command("DuckDB's COPY of the columns that score-batch reads and keeps, no model", others.copy);
  if (others.peer) command(`${PEER}, one network`, others.peer);

  const { figures } = recorder;
  const ratio = (over: readonly number[], under: readonly number[]): Spread =>
    spreadOverRounds(
      Math.min(over.length, under.length),
      (round) => (over[round] ?? Number.NaN) / (under[round] ?? Number.NaN),
    );
  const seconds = (runs: readonly CommandRun[]): number[] => runs.map((each) => each.seconds);
  const memory = (runs: readonly CommandRun[]): number[] => runs.map((each) => each.peakMemoryBytes);
  const sum = (one: readonly number[], other: readonly number[]): number[] =>
    one.map((value, round) => value + (other[round] ?? Number.NaN));
  // Flows/s of 1 / (1/scan + 1/model) take the seconds of both.
  figures.boundShare = ratio(sum(rounds.scan, rounds.model), seconds(rounds.ours));
  figures.boundShareByDefault = ratio(sum(others.scan, others.modelByDefault), seconds(others.byDefault));
  figures.coresOfStages = spreadOf(others.speedUp);
  figures.copyShareByDefault = ratio(seconds(others.copy), seconds(others.byDefault));
  if (others.peer) {
    figures.peerSpeed = ratio(seconds(others.peer), seconds(others.ours));
    figures.peerSpeedByDefault = ratio(seconds(others.peer), seconds(others.byDefault));
    figures.peerMemory = ratio(memory(others.ours), memory(others.peer));
    figures.peerMemoryByDefault = ratio(memory(others.byDefault), memory(others.peer));
  }
  return {
    peakMemoryBytes: spreadOf(memory(rounds.ours)).median,
    stagesSeconds: async (name) =>
      (await scan()) + (await (name === "byDefault" ? modelByDefault() : model())),
    close: async () => {
      await stages.close();
      await stagesByDefault.close();
    },
  };
}

/** The seconds of the faster of a stage's ways. */
async function fastest(cases: CaseProcess, names: readonly string[]): Promise<number> {
  const seconds: number[] = [];
  for (const name of names) seconds.push(...(await cases.time(name)));
  return Math.min(...seconds);
}

/** How many times as fast the stages are by a process a core as by one process, which waits for nobody's memory. */
async function speedUpOf(stages: CaseProcess): Promise<number> {
  const scanByOne = await fastest(stages, [SCAN_ONE_PROCESS]);
  const share = await fastest(stages, [MODEL_ONE_PROCESS]);
  const together = (await fastest(stages, [SCAN_A_CORE])) + (await fastest(stages, [MODEL_A_CORE]));
  return (scanByOne + ALL_THREADS * share) / together;
}

/** Runs commands that write one table, and holds what each writes first against the scores of a reference run. */
function runChecked(output: string): (command: Command, reference: string) => Promise<CommandRun> {
  const checked = new Set<string>();
  return async (command, reference) => {
    const run = await runCommand(command);
    const line = command.line.join(" ");
    if (!checked.has(line)) await checkScored(output, MILLION, await readFile(reference));
    checked.add(line);
    return run;
  };
}

async function copyColumns(table: string, columns: readonly string[]): Promise<CommandRun> {
  const output = inData("copied.parquet");
  const run = await runCommand({ line: nodeCommand(COPY_COLUMNS, table, output, ...columns) });
  await checkRows(output, MILLION);
  return run;
}

async function runPeer(peer: ScoringPeer, table: string): Promise<CommandRun> {
  const output = inData("scored-by-peer.parquet");
  const run = await runCommand({ line: peer.command(table, output) });
  await checkRows(output, MILLION);
  return run;
}
