import { readFile } from "node:fs/promises";
import { OddflowError } from "@oddflow/preprocessing";
import { Tensor } from "onnxruntime-node";
import { cudaLibraryIsThere, type ExecutionProvider, openNodeSession } from "./node-session.ts";
import { openScorer, type Scorer, type ScoringRuntime } from "./scorer.ts";

export { OddflowError } from "@oddflow/preprocessing";
export type { ProviderDescription } from "./describe-providers.ts";
export { describeProviders, onnxruntimeVersion } from "./describe-providers.ts";
export type { ExecutionProvider } from "./node-session.ts";
export { openNodeSession } from "./node-session.ts";
export type { ScoreRequest, Scorer, ScorerThresholds, Scores } from "./scorer.ts";

/** "auto" takes CUDA where it can be had and the CPU otherwise; the others are taken or refused. */
export type Provider = "auto" | ExecutionProvider;

export const PROVIDERS: readonly Provider[] = ["auto", "cpu", "cuda", "webgpu"];

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
 * PROVIDER_UNAVAILABLE when the provider that was asked for cannot be had. Only "auto" falls back to the CPU.
 */
export async function createScorer(
  model: string | Uint8Array,
  options: NodeScorerOptions = {},
): Promise<Scorer> {
  const bytes = typeof model === "string" ? await readModelFile(model) : model;
  const provider = options.provider ?? "auto";
  if (provider !== "auto") return openScorer(bytes, runtime(provider, options.threads));
  if (cudaLibraryIsThere()) {
    try {
      return await openScorer(bytes, runtime("cuda", options.threads));
    } catch (error) {
      if (!(error instanceof OddflowError && error.code === "PROVIDER_UNAVAILABLE")) throw error;
    }
  }
  return openScorer(bytes, runtime("cpu", options.threads));
}

function runtime(provider: ExecutionProvider, threads: number | undefined): ScoringRuntime {
  return {
    Tensor,
    provider,
    batchSize: provider === "cpu" ? 4096 : 65_536,
    openSession: (model) => openNodeSession(model, provider, threads),
  };
}

async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason =
      cause instanceof Error && "code" in cause && cause.code !== "ENOENT" ? cause.message : "no such file";
    throw new OddflowError("MODEL_NOT_FOUND", `open model: ${path}: ${reason}`, { cause });
  }
}
