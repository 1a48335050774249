import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  createScorer,
  type ExecutionProvider,
  type InferenceSession,
  openNodeSession,
  Tensor,
} from "@oddflow/inference/node";
import { gpuMemoryUsed } from "./device.ts";
import { makeFlows, worstDifference } from "./flows.ts";
import { type Proof, prove } from "./profiled.ts";
import { type Timings, timeSizes } from "./sizes.ts";

/** What scores and column errors are held to. */
export const SCORE_TOLERANCE = 1e-4;

const SIZES: readonly number[] = [1, 256, 4096, 65_536, 262_144, 1_048_576];

/** Flows whose scores are held against the CPU's; fewer where they would take a slow device more than some seconds. */
const COMPARED = 8192;
const FIRST_COMPARED = 64;
const SECONDS = 2;

export interface ScoringCheck {
  readonly flowsCompared: number;
  readonly worstScore: number;
  readonly worstColumnError: number;
  readonly proof: Proof;
  /** MiB of the GPU's memory that were taken while the scorer was open, where nvidia-smi tells. */
  readonly gpuMemory: number | undefined;
  readonly throughput: Timings;
}

/** The detector that comes with Oddflow. The compiled script lies in scripts/dist/gpu-check. */
const MODEL: string = fileURLToPath(new URL("../../../fixtures/unsw-nb15.onnx", import.meta.url));

/** Throws what `createScorer` throws when the provider cannot be had. */
export async function checkScoring(provider: ExecutionProvider): Promise<ScoringCheck> {
  const model = readFileSync(MODEL);
  const memoryBefore = gpuMemoryUsed();
  const onDevice = await createScorer(model, { provider });
  const onCpu = await createScorer(model, { provider: "cpu" });
  const { columns } = onCpu;

  const compared = { flows: 0, score: 0, columnError: 0 };
  const compare = async (flows: Float32Array): Promise<number> => {
    const wanted = await onCpu.score(flows, { errors: true });
    await onDevice.score(flows, { errors: true });
    const began = performance.now();
    const found = await onDevice.score(flows, { errors: true });
    const seconds = (performance.now() - began) / 1000;
    compared.flows = found.flows;
    compared.score = Math.max(compared.score, worstDifference(wanted.scores, found.scores));
    compared.columnError = Math.max(
      compared.columnError,
      worstDifference(wanted.errors ?? [], found.errors ?? []),
    );
    return found.flows / seconds;
  };
  const rate = await compare(makeFlows(columns, FIRST_COMPARED));
  const more = Math.min(COMPARED, Math.floor(rate * SECONDS));
  if (more > FIRST_COMPARED) await compare(makeFlows(columns, more));
  const memoryAfter = gpuMemoryUsed();
  await onCpu.close();

  const score = (session: InferenceSession, flows: Tensor): Promise<unknown> =>
    session.run({ flows }, ["score"]);
  const input = (flows: Float32Array): Tensor =>
    new Tensor("float32", flows, [flows.length / columns.length, columns.length]);
  const proof = await prove(provider, async (profile) => {
    const session = await openNodeSession(model, provider, undefined, { profile });
    await score(session, input(makeFlows(columns, FIRST_COMPARED)));
    await session.release();
  });
  const session = await openNodeSession(model, provider);
  const throughput = await timeSizes(
    SIZES,
    1,
    async (batch) => {
      const flows = input(makeFlows(columns, batch));
      return () => score(session, flows);
    },
    rate,
  );
  await session.release();
  // Last, since what WebGPU has compiled is kept as long as a session is open.
  await onDevice.close();
  return {
    flowsCompared: compared.flows,
    worstScore: compared.score,
    worstColumnError: compared.columnError,
    proof,
    gpuMemory:
      memoryBefore === undefined || memoryAfter === undefined ? undefined : memoryAfter - memoryBefore,
    throughput,
  };
}
