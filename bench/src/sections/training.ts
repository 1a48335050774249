import { ONNX_ALL_THREADS, TFJS_WASM, trainingCase } from "../case-names.ts";
import { ALL_THREADS } from "../inputs.ts";
import { flowsPerSecond } from "../measurement.ts";
import { type CaseProcess, startCases, startSuite } from "../processes/case-process.ts";
import { inTurns, type Spread, spreadOf, spreadOverRounds } from "../processes/in-turns.ts";
import { PYTHON, peerScript } from "../python.ts";
import type { Recorder } from "../recorder.ts";

const SECTION = "training";
const ROUNDS = 5;

/** The batch that the targets are held at. */
const TARGET_BATCH = 256;

/** Training steps: every engine, then those that the targets name in turns. */
export async function trainingSection(recorder: Recorder): Promise<void> {
  const ours = await startSuite("training");
  Object.assign(recorder.versions, ours.versions);
  recorder.title("Training, forward, backward, Adam and dropout, network 33-256-128-64-16 and its mirror");
  for (const { name, why } of ours.skipped) recorder.skip(name, why);
  for (const { name, flows } of ours.cases) {
    recorder.add(flowsPerSecond({ section: SECTION, name, flows }, await ours.time(name)));
  }
  await compare(recorder, ours);
  await ours.close();
}

interface Peer {
  /** With its setting. */
  readonly name: string;
  readonly library: "PyTorch" | "JAX";
  readonly process: CaseProcess;
}

/** Each peer on one thread and on all. */
async function startPeers(recorder: Recorder): Promise<Peer[]> {
  const settings = [
    { library: "PyTorch", way: "PyTorch", script: "train_autoencoder.py", option: ["eager"] },
    { library: "PyTorch", way: "PyTorch compiled", script: "train_autoencoder.py", option: ["compiled"] },
    { library: "JAX", way: "JAX", script: "train_jax.py", option: [] },
  ] as const;
  const peers: Peer[] = [];
  for (const { library, way, script, option } of settings) {
    for (const threads of new Set([1, ALL_THREADS])) {
      const name = `${way}, threads ${threads}`;
      const started = await startCases(PYTHON, [peerScript(script), String(threads), ...option]);
      if (typeof started === "string") recorder.skip(`training in ${name}`, started);
      else peers.push({ name, library, process: started });
    }
  }
  for (const { process: peer } of peers) Object.assign(recorder.versions, peer.versions);
  return peers;
}

async function compare(recorder: Recorder, ours: CaseProcess): Promise<void> {
  const peers = await startPeers(recorder);
  recorder.title("The same in turns");
  for (const batch of [TARGET_BATCH, 4096]) {
    const sides: Record<string, () => Promise<number>> = {};
    const flowsOf: Record<string, number> = {};
    const add = (side: string, cases: CaseProcess, name: string): void => {
      const flows = cases.cases.find((each) => each.name === name)?.flows ?? Number.NaN;
      flowsOf[side] = flows;
      sides[side] = async () => spreadOf(await cases.time(name)).median / flows;
    };
    add(ONNX_ALL_THREADS, ours, trainingCase(ONNX_ALL_THREADS, batch));
    if (batch === TARGET_BATCH) add(TFJS_WASM, ours, trainingCase(TFJS_WASM, batch));
    for (const { name, library, process: peer } of peers) {
      const theirs = trainingCase(library, batch);
      if (peer.cases.some((each) => each.name === theirs)) add(name, peer, theirs);
    }
    const secondsAFlow = await inTurns(ROUNDS, sides);
    for (const [side, each] of Object.entries(secondsAFlow)) {
      const flows = flowsOf[side] ?? Number.NaN;
      const subject = { section: SECTION, name: `side by side, ${trainingCase(side, batch)}`, flows };
      recorder.add(
        flowsPerSecond(
          subject,
          each.map((seconds) => seconds * flows),
        ),
      );
    }
    if (batch !== TARGET_BATCH) continue;
    const against = (others: readonly string[]): Spread =>
      spreadOverRounds(ROUNDS, (round) => {
        const theirs = others.map((side) => secondsAFlow[side]?.[round] ?? Number.NaN);
        return Math.min(...theirs) / (secondsAFlow[ONNX_ALL_THREADS]?.[round] ?? Number.NaN);
      });
    recorder.figures.trainingAgainstWasm = against([TFJS_WASM]);
    // The fastest of a library's settings.
    const of = (library: Peer["library"]): string[] =>
      peers.filter((peer) => peer.library === library).map(({ name }) => name);
    if (of("PyTorch").length > 0) recorder.figures.trainingAgainstPeer = against(of("PyTorch"));
    if (of("JAX").length > 0) recorder.figures.trainingAgainstJax = against(of("JAX"));
  }
  for (const { process: peer } of peers) await peer.close();
}
