import { availableParallelism } from "node:os";
import { checkRange, OddflowError } from "@oddflow/preprocessing";
import type { ScoringRuntime } from "./graph-session.ts";
import { inFile, readModelFile } from "./model-file.ts";
import { cudaLibraryIsThere, openNodeSession } from "./node-session.ts";
import { verifySignature } from "./node-signature.ts";
import { Tensor } from "./onnxruntime.ts";
import { type ExecutionProvider, PROVIDERS, type Provider, THREADS } from "./provider.ts";
import { openScorer, type Scorer } from "./scorer.ts";

export { OddflowError } from "@oddflow/preprocessing";
export type { ProviderDescription } from "./describe-providers.ts";
export { describeProviders, onnxruntimeVersion } from "./describe-providers.ts";
export { inFile, readModelFile } from "./model-file.ts";
export type { SessionExtras } from "./node-session.ts";
export { openNodeSession } from "./node-session.ts";
export { signModel, verifyModel } from "./node-signature.ts";
export type { InferenceSession } from "./onnxruntime.ts";
export { Tensor } from "./onnxruntime.ts";
export type { ExecutionProvider, Provider } from "./provider.ts";
export { PROVIDERS } from "./provider.ts";
export type { NodeRun } from "./provider-profile.ts";
export { PROVIDER_NAMES, readNodeRuns } from "./provider-profile.ts";
export type { ExplainedFlow, Reason } from "./reason.ts";
export type { ExplainRequest, ScoreOptions, Scorer, ScorerThresholds, Scores } from "./scorer.ts";
export type { ExpectedValue, SeenValue, UnseenValue } from "./seen-value.ts";

const FLOWS_A_RUN_ON_GPU = 65_536;

/** On one thread: weights and a batch's widest layer stay in the core's own cache. 512 took 0.95 to 0.99 of the time of 1,024. */
const FLOWS_A_RUN = 512;

/**
 * Several threads share a batch and wait for each other at every node, so each gets more: on two threads 8,192 flows took 0.91
 * to 0.98 of the time of 2,048, 65,536 from 0.85 (on cores far apart) to 1.12.
 */
const FLOWS_A_THREAD = 4096;
const MOST_FLOWS_A_RUN = 16_384;

/** Where the model runs, on how many threads, and who must have signed it. */
export interface NodeScorerOptions {
  /** Default "auto". */
  readonly provider?: Provider;
  /** Threads that share a call of some thousand flows on the CPU; one a core where it is absent. */
  readonly threads?: number | undefined;
  /** Ed25519 public keys in PEM, one or more: a model that none of them has signed is refused. */
  readonly trust?: string;
}

/**
 * Opens a detector on onnxruntime-node.
 *
 * A string is a path, bytes are the model file itself. `score` blocks the calling thread while a batch runs.
 * @throws OddflowError MODEL_NOT_FOUND, MODEL_INVALID, MODEL_FORMAT_VERSION, SPEC_VERSION, SPEC_INVALID for the file;
 * MODEL_UNTRUSTED and KEY_INVALID with `trust`; PROVIDER_UNAVAILABLE when the provider that was asked for cannot be had (only
 * "auto" falls back to the CPU); RUNTIME_UNAVAILABLE when onnxruntime-node is not installed, or another release of it; TELEMETRY_ON.
 */
export async function createScorer(
  model: string | Uint8Array,
  options: NodeScorerOptions = {},
): Promise<Scorer> {
  const provider = options.provider ?? "auto";
  checkOptions(provider, options.threads);
  if (typeof model === "string") {
    const bytes = await readModelFile(model);
    return inFile(model, () => openOn(bytes, provider, options));
  }
  return openOn(model, provider, options);
}

async function openOn(
  bytes: Uint8Array,
  provider: Provider,
  { threads, trust: publicKeys }: NodeScorerOptions,
): Promise<Scorer> {
  const trust = publicKeys === undefined ? undefined : { publicKeys, verify: verifySignature };
  const open = (on: ExecutionProvider): Promise<Scorer> => openScorer(bytes, runtime(on, threads), trust);
  if (provider !== "auto") return open(provider);
  if (cudaLibraryIsThere()) {
    try {
      return await open("cuda");
    } catch (error) {
      if (!(error instanceof OddflowError && error.code === "PROVIDER_UNAVAILABLE")) throw error;
    }
  }
  return open("cpu");
}

function runtime(provider: ExecutionProvider, threads: number = availableParallelism()): ScoringRuntime {
  const openSession = (model: Uint8Array): ReturnType<typeof openNodeSession> =>
    openNodeSession(model, provider, provider === "cpu" ? 1 : undefined);
  if (provider !== "cpu") return { Tensor, provider, batchSize: FLOWS_A_RUN_ON_GPU, openSession };
  const alone = { Tensor, provider, batchSize: FLOWS_A_RUN, openSession };
  if (threads === 1) return alone;
  return {
    ...alone,
    parallel: {
      threads,
      batchSize: Math.min(FLOWS_A_THREAD * threads, MOST_FLOWS_A_RUN),
      openSession: (model) => openNodeSession(model, provider, threads),
    },
  };
}

function checkOptions(provider: Provider, threads: number | undefined): void {
  if (!PROVIDERS.includes(provider)) {
    throw new OddflowError(
      "PROVIDER_UNAVAILABLE",
      `open model: no provider "${provider}"; there are ${PROVIDERS.join(", ")}`,
    );
  }
  if (threads !== undefined) checkRange("open model: the number of threads", threads, THREADS);
}
