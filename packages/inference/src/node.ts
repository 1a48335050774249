import { availableParallelism } from "node:os";
import { OddflowError } from "@oddflow/preprocessing";
import type { ScoringRuntime } from "./graph-session.ts";
import { inFile, readModelFile } from "./model-file.ts";
import { cudaLibraryIsThere, openNodeSession } from "./node-session.ts";
import { Tensor } from "./onnxruntime.ts";
import { type ExecutionProvider, PROVIDERS, type Provider } from "./provider.ts";
import { openScorer, type Scorer } from "./scorer.ts";

export { OddflowError } from "@oddflow/preprocessing";
export type { ProviderDescription } from "./describe-providers.ts";
export { describeProviders, onnxruntimeVersion } from "./describe-providers.ts";
export { inFile, readModelFile } from "./model-file.ts";
export type { SessionExtras } from "./node-session.ts";
export { openNodeSession } from "./node-session.ts";
export type { InferenceSession } from "./onnxruntime.ts";
export { Tensor } from "./onnxruntime.ts";
export type { ExecutionProvider, Provider } from "./provider.ts";
export { PROVIDERS } from "./provider.ts";
export type { NodeRun } from "./provider-profile.ts";
export { PROVIDER_NAMES, readNodeRuns } from "./provider-profile.ts";
export type { ExplainedFlow, Reason } from "./reason.ts";
export type { ExplainRequest, ScoreRequest, Scorer, ScorerThresholds, Scores } from "./scorer.ts";
export type { ExpectedValue, SeenValue, UnseenValue } from "./seen-value.ts";

export interface NodeScorerOptions {
  /** Default "auto". */
  readonly provider?: Provider;
  /** Threads within one call on the CPU; onnxruntime's choice, one a core, where it is absent. */
  readonly threads?: number;
}

/**
 * Opens a detector on onnxruntime-node.
 *
 * A string is a path, bytes are the model file itself. `score` blocks the calling thread while a batch runs.
 * @throws OddflowError MODEL_NOT_FOUND, MODEL_INVALID, MODEL_FORMAT_VERSION, SPEC_VERSION, SPEC_INVALID for the file;
 * PROVIDER_UNAVAILABLE when the provider that was asked for cannot be had (only "auto" falls back to the CPU); TELEMETRY_ON.
 */
export async function createScorer(
  model: string | Uint8Array,
  options: NodeScorerOptions = {},
): Promise<Scorer> {
  const provider = options.provider ?? "auto";
  checkOptions(provider, options.threads);
  if (typeof model === "string") {
    const bytes = await readModelFile(model);
    return inFile(model, () => openOn(bytes, provider, options.threads));
  }
  return openOn(model, provider, options.threads);
}

async function openOn(bytes: Uint8Array, provider: Provider, threads: number | undefined): Promise<Scorer> {
  if (provider !== "auto") return openScorer(bytes, runtime(provider, threads));
  if (cudaLibraryIsThere()) {
    try {
      return await openScorer(bytes, runtime("cuda", threads));
    } catch (error) {
      if (!(error instanceof OddflowError && error.code === "PROVIDER_UNAVAILABLE")) throw error;
    }
  }
  return openScorer(bytes, runtime("cpu", threads));
}

function runtime(provider: ExecutionProvider, threads: number | undefined): ScoringRuntime {
  return {
    Tensor,
    provider,
    batchSize: batchSize(provider, threads),
    openSession: (model) => openNodeSession(model, provider, threads),
  };
}

/**
 * Flows a run. On the CPU the weights and a batch's widest layer should stay in a core's own cache: 512 flows took 0.95 to
 * 0.99 of the time of 1,024 on one thread. Several threads share a batch and wait for each other at every node, so each gets
 * more: on two threads 8,192 flows took 0.91 to 0.98 of the time of 2,048, 65,536 from 0.85 (on cores far apart) to 1.12.
 */
function batchSize(provider: ExecutionProvider, threads: number = availableParallelism()): number {
  if (provider !== "cpu") return 65_536;
  return threads === 1 ? 512 : Math.min(4096 * threads, 16_384);
}

function checkOptions(provider: Provider, threads: number | undefined): void {
  if (!PROVIDERS.includes(provider)) {
    throw new OddflowError(
      "PROVIDER_UNAVAILABLE",
      `open model: no provider "${provider}"; there are ${PROVIDERS.join(", ")}`,
    );
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
    throw new OddflowError(
      "OPTION_RANGE",
      `open model: ${threads} threads; expected a whole number of 1 or more`,
    );
  }
}
