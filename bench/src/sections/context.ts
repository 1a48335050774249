import { fileURLToPath } from "node:url";
import { CONTEXT_OF_MILLION, CONTEXT_OF_SOME, SCAN_ALONE, SCAN_IN_CONTEXT } from "../case-names.ts";
import { flowsTable } from "../data/tables.ts";
import { flowsPerSecond, wholeCommand } from "../measurement.ts";
import { startSuite } from "../processes/case-process.ts";
import { inTurns, spreadOf, spreadOverRounds } from "../processes/in-turns.ts";
import { nodeCommand, runCommand } from "../processes/run-command.ts";
import type { Recorder } from "../recorder.ts";

const ROUNDS = 3;

/** Flows in their context: as they come, of a table, and in how much memory. */
export async function contextSection(recorder: Recorder): Promise<void> {
  const cases = await startSuite("context", await flowsTable(1_000_000));
  recorder.title("Flows in their context, one million flows; 26 columns over 60 and 600 seconds");
  const time = (name: string) => async () => spreadOf(await cases.time(name)).median;
  const names = [CONTEXT_OF_SOME, CONTEXT_OF_MILLION, SCAN_ALONE, SCAN_IN_CONTEXT] as const;
  const seconds = await inTurns(ROUNDS, Object.fromEntries(names.map((name) => [name, time(name)])));
  await cases.close();
  for (const name of names) {
    const flows = cases.cases.find((each) => each.name === name)?.flows ?? 0;
    recorder.add(flowsPerSecond({ section: "context", name, flows }, seconds[name] ?? []));
  }
  const ratio = (over: string, under: string) =>
    spreadOverRounds(ROUNDS, (round) => (seconds[over]?.[round] ?? NaN) / (seconds[under]?.[round] ?? NaN));
  recorder.figures.contextTable = ratio(SCAN_IN_CONTEXT, SCAN_ALONE);
  recorder.figures.contextFlows = spreadOf(
    (seconds[CONTEXT_OF_MILLION] ?? []).map((each) => 1_000_000 / each),
  );
  const script = fileURLToPath(new URL("../million-hosts.js", import.meta.url));
  const run = await runCommand({ line: nodeCommand(script) });
  const subject = {
    section: "context",
    name: "a process that keeps 2 million flows of a million hosts",
    flows: 2_000_000,
  };
  recorder.add(wholeCommand(subject, [run]));
  recorder.figures.contextMemory = spreadOf([run.peakMemoryBytes / 1e6]);
}
