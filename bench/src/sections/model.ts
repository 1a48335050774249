import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { createScorer } from "@oddflow/inference/node";
import { batchCase, ONE_CALL } from "../case-names.ts";
import { trainModels } from "../data/models.ts";
import { flowsTable } from "../data/tables.ts";
import { ALL_THREADS, fromRoot, readFlows } from "../inputs.ts";
import { flowsPerSecond, type Measurement, milliseconds } from "../measurement.ts";
import { type CaseProcess, startCases, startSuite } from "../processes/case-process.ts";
import { inTurns, spreadOf, spreadOverRounds } from "../processes/in-turns.ts";
import { PYTHON, peerScript } from "../python.ts";
import type { Recorder } from "../recorder.ts";

const SECTION = "model";

/**
 * A virtual machine's two cores are moved about, for seconds at a time, to places where two threads of one session run half as
 * fast: bench/README.md. Many short turns meet both sides with the same share of that.
 */
const ROUNDS = 60;
const SECONDS_A_TURN = 0.02;

/** A session's threads look out for more work for a while after a run: longer than that, so that the other side has the cores. */
const MILLISECONDS_BETWEEN_TURNS = 50;
const BATCHES = "1,16,256,4096,65536";
const PEER = "onnxruntime in Python";

type PeerFigure =
  | "modelAgainstPeer1"
  | "modelAgainstPeer256"
  | "modelAgainstPeer4096"
  | "modelAgainstPeer65536";

/** Of each batch that is compared. */
const FIGURES: ReadonlyMap<number, PeerFigure> = new Map([
  [1, "modelAgainstPeer1"],
  [256, "modelAgainstPeer256"],
  [4096, "modelAgainstPeer4096"],
  [65_536, "modelAgainstPeer65536"],
] as const);

/** The model alone: batches, threads, WASM, how long one call takes, and onnxruntime in Python. */
export async function modelSection(recorder: Recorder): Promise<void> {
  const { oneNetwork, byDefault } = await trainModels();
  const table = await flowsTable(100_000);
  recorder.title("The model alone, onnxruntime-node on the CPU and onnxruntime-web on WebAssembly");
  const settings = [
    { name: "one network, all threads", args: [oneNetwork, table, String(ALL_THREADS), BATCHES] },
    { name: "one network, one thread", args: [oneNetwork, table, "1", BATCHES] },
    { name: "one network, WASM, one thread", args: [oneNetwork, table, "wasm", "1,16,256,4096"] },
    { name: "default detector, all threads", args: [byDefault, table, String(ALL_THREADS), BATCHES] },
    { name: "default detector, one thread", args: [byDefault, table, "1", "1,4096"] },
  ];
  for (const { name, args } of settings) {
    const cases = await startSuite("model", ...args);
    for (const each of cases.cases) {
      for (const measurement of await timeCase(cases, name, each)) recorder.add(measurement);
    }
    await cases.close();
  }
  await comparePeer(recorder, oneNetwork, table);
}

async function timeCase(
  cases: CaseProcess,
  setting: string,
  { name, flows }: CaseProcess["cases"][number],
): Promise<Measurement[]> {
  const seconds = await cases.time(name);
  const subject = { section: SECTION, name: `${setting}, ${name}`, flows };
  if (name !== ONE_CALL) return [flowsPerSecond(subject, seconds)];
  const sorted = seconds.toSorted((a, b) => a - b);
  const percentile = (share: number): number => sorted[Math.floor(share * sorted.length)] ?? Number.NaN;
  const named = (text: string): typeof subject => ({ ...subject, name: `${subject.name}, ${text}` });
  return [milliseconds(named("p50"), [percentile(0.5)]), milliseconds(named("p99"), [percentile(0.99)])];
}

/** Ours and Python's session on the same file and flows, batch by batch in turns. */
async function comparePeer(recorder: Recorder, model: string, table: string): Promise<void> {
  const folder = await writeCompared(model, table);
  const threads = String(ALL_THREADS);
  const batches = [...FIGURES.keys()].join(",");
  const seconds = String(SECONDS_A_TURN);
  const script = peerScript("run_model.py");
  recorder.title(`Against ${PEER}: the same model file, all threads, in turns`);
  const peer = await startCases(PYTHON, [script, model, folder, batches, threads, seconds]);
  if (typeof peer === "string") {
    recorder.skip(PEER, peer);
    return;
  }
  Object.assign(recorder.versions, peer.versions);
  const ours = await startSuite("model", model, table, threads, batches, seconds);
  for (const [batch, figure] of FIGURES) await compareBatch(recorder, { ours, peer }, batch, figure);
  await ours.close();
  await peer.close();
}

async function compareBatch(
  recorder: Recorder,
  { ours, peer }: { readonly ours: CaseProcess; readonly peer: CaseProcess },
  batch: number,
  figure: PeerFigure,
): Promise<void> {
  const name = batchCase(batch);
  const median = (cases: CaseProcess) => async () => {
    await setTimeout(MILLISECONDS_BETWEEN_TURNS);
    return spreadOf(await cases.time(name)).median;
  };
  const seconds = await inTurns(ROUNDS, { ours: median(ours), peer: median(peer) });
  const subject = { section: SECTION, flows: batch };
  recorder.add(flowsPerSecond({ ...subject, name: `side by side, Oddflow, ${name}` }, seconds.ours));
  recorder.add(flowsPerSecond({ ...subject, name: `side by side, ${PEER}, ${name}` }, seconds.peer));
  recorder.figures[figure] = spreadOverRounds(
    ROUNDS,
    (round) => (seconds.peer[round] ?? Number.NaN) / (seconds.ours[round] ?? Number.NaN),
  );
}

/** Writes what Python is given, flows.f32 (row-major, coded), and what it must find, scores.f32. */
async function writeCompared(model: string, table: string): Promise<string> {
  const scorer = await createScorer(model, { provider: "cpu" });
  const flows = await readFlows(table, scorer.columns);
  const { scores } = await scorer.score(flows);
  await scorer.close();
  const folder = fromRoot("bench/data/throughput/compared");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "flows.f32"), flows);
  await writeFile(join(folder, "scores.f32"), scores);
  return folder;
}
