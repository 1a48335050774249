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

async function compare(recorder: Recorder, ours: CaseProcess): Promise<void> {
  const peers: { threads: number; process: CaseProcess }[] = [];
  for (const threads of new Set([1, ALL_THREADS])) {
    const peer = await startCases(PYTHON, [peerScript("train_autoencoder.py"), String(threads)]);
    if (typeof peer === "string") recorder.skip(`training in PyTorch, threads ${threads}`, peer);
    else peers.push({ threads, process: peer });
  }
  for (const { process: peer } of peers) Object.assign(recorder.versions, peer.versions);
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
    for (const { threads, process: peer } of peers) {
      add(`PyTorch, threads ${threads}`, peer, trainingCase("PyTorch", batch));
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
    // The faster of its thread settings.
    if (peers.length > 0) {
      recorder.figures.trainingAgainstPeer = against(
        peers.map(({ threads }) => `PyTorch, threads ${threads}`),
      );
    }
  }
  for (const { process: peer } of peers) await peer.close();
}
