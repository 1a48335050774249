import { readFile } from "node:fs/promises";
import { OddflowError } from "@oddflow/preprocessing";
import * as ort from "onnxruntime-node";
import { openScorer, type Scorer, type ScoringRuntime } from "./scorer.ts";

export { OddflowError } from "@oddflow/preprocessing";
export type { ScoreRequest, Scorer, ScorerThresholds, Scores } from "./scorer.ts";

/** "auto" takes CUDA where it can be had and the CPU otherwise; the others are taken or refused. */
export type Provider = "auto" | "cpu" | "cuda" | "webgpu";

export const PROVIDERS: readonly Provider[] = ["auto", "cpu", "cuda", "webgpu"];

export interface NodeScorerOptions {
  /** Default "auto". */
  readonly provider?: Provider;
  /** Threads within one call on the CPU; onnxruntime's choice, one a core, where it is absent. */
  readonly threads?: number;
}

const HOW_TO_GET: Record<Exclude<Provider, "auto" | "cpu">, string> = {
  cuda:
    "it needs an NVIDIA GPU with its driver, CUDA 12, cuDNN 9 and onnxruntime's CUDA library " +
    '(README.md, "The CUDA provider"); or use provider "cpu"',
  webgpu:
    'it needs a GPU with a Vulkan, Metal or Direct3D 12 driver (on Linux libvulkan1); or use provider "cpu"',
};

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
  if (provider !== "auto") return openScorer(bytes, async () => runtime(provider, options.threads));
  if (ort.listSupportedBackends().some((backend) => backend.name === "cuda")) {
    try {
      return await openScorer(bytes, async () => runtime("cuda", options.threads));
    } catch (error) {
      if (!(error instanceof OddflowError && error.code === "PROVIDER_UNAVAILABLE")) throw error;
    }
  }
  return openScorer(bytes, async () => runtime("cpu", options.threads));
}

function runtime(provider: Exclude<Provider, "auto">, threads: number | undefined): ScoringRuntime {
  return {
    Tensor: ort.Tensor,
    provider,
    batchSize: provider === "cpu" ? 4096 : 65_536,
    async openSession(model) {
      try {
        return await ort.InferenceSession.create(model, {
          executionProviders: [provider],
          // Warnings about the provider's choice of nodes are no news to the user.
          logSeverityLevel: 3,
          ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
        });
      } catch (cause) {
        if (provider === "cpu") throw cause;
        const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
        throw new OddflowError(
          "PROVIDER_UNAVAILABLE",
          `open model: the ${provider} provider cannot be had: ${reason}; ${HOW_TO_GET[provider]}`,
          { cause },
        );
      }
    },
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
