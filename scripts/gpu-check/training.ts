import type { ExecutionProvider } from "@oddflow/inference/node";
import {
  createOnnxEngine,
  DEFAULT_OPTIMISER,
  DETECTOR_NETWORK,
  initialWeights,
  networkShape,
  type TrainingRun,
} from "@oddflow/trainer";
import { makeFeatures, worstDifference } from "./flows.ts";
import { type Proof, prove } from "./profiled.ts";
import { type Timings, timeSizes } from "./sizes.ts";

/** What losses and weights after the compared steps are held to. */
export const TRAINING_TOLERANCE = 1e-4;

/** Features of the shipped detector's kind of table, one a column. */
export const TRAINED_FEATURES = 33;

const SIZES: readonly number[] = [256, 4096, 65_536];
const COMPARED = { steps: 4, batch: 32 } as const;

/** Steps that a timed run takes: enough for a GPU not to wait for the host at its end only. */
const STEPS = 4;

export interface TrainingCheck {
  readonly worstLoss: number;
  readonly worstWeight: number;
  readonly proof: Proof;
  readonly throughput: Timings;
}

/** The default network's steps, dropout and all, held against the CPU's and timed. */
export async function checkTraining(provider: ExecutionProvider): Promise<TrainingCheck> {
  const onCpu = await compared("cpu");
  // What WebGPU has compiled is kept as long as a session is open.
  const held = await start(provider, 2, DEFAULT_OPTIMISER.epsilon);
  let onDevice = onCpu;
  const proof = await prove(provider, async (profile) => {
    onDevice = await compared(provider, profile);
  });
  const throughput = await timeSizes(SIZES, STEPS, prepareSteps(provider), onDevice.flowsPerSecond);
  await held.close();
  return {
    worstLoss: worstDifference(onCpu.losses, onDevice.losses),
    worstWeight: worstDifference(onCpu.weights, onDevice.weights),
    proof,
    throughput,
  };
}

interface ComparedSteps {
  readonly losses: readonly number[];
  readonly weights: readonly number[];
  readonly flowsPerSecond: number;
}

async function compared(provider: ExecutionProvider, profile?: string): Promise<ComparedSteps> {
  const { steps, batch } = COMPARED;
  // Adam's first steps are g / |g|, which jumps at 0: with a larger epsilon, rounding stays small in the weights.
  const run = await start(provider, steps * batch, 1e-3, profile);
  const rows = Uint32Array.from({ length: steps * batch }, (_, row) => row);
  const losses = [...(await run.train(rows, batch, 1e-3))];
  const weights = (await run.weights()).flatMap((layer) =>
    Object.values(layer).flatMap((part) => (part instanceof Float32Array ? [...part] : [])),
  );
  // Again, with everything compiled, for the speed alone.
  const began = performance.now();
  await run.train(rows, batch, 1e-3);
  const flowsPerSecond = rows.length / ((performance.now() - began) / 1000);
  await run.close();
  return { losses, weights, flowsPerSecond };
}

function prepareSteps(provider: ExecutionProvider): (batch: number) => Promise<() => Promise<unknown>> {
  let open: TrainingRun | undefined;
  return async (batch) => {
    await open?.close();
    const run = await start(provider, batch, DEFAULT_OPTIMISER.epsilon);
    open = run;
    const rows = Uint32Array.from({ length: STEPS * batch }, (_, i) => i % batch);
    return async () => {
      const losses = await run.train(rows, batch, 1e-3);
      if (!losses.every(Number.isFinite)) throw new Error(`losses ${losses.join(", ")}`);
    };
  };
}

function start(
  provider: ExecutionProvider,
  rows: number,
  epsilon: number,
  profile?: string,
): Promise<TrainingRun> {
  const shape = networkShape(TRAINED_FEATURES, DETECTOR_NETWORK.reference);
  return createOnnxEngine({ provider, ...(profile === undefined ? {} : { profile }) }).start({
    shape,
    weights: initialWeights(shape, 1),
    features: makeFeatures(rows, TRAINED_FEATURES),
    optimiser: { ...DEFAULT_OPTIMISER, epsilon },
    seed: 1,
  });
}
