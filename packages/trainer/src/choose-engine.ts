import type { ExecutionProvider } from "@oddflow/inference/node";
import { OddflowError } from "@oddflow/preprocessing";
import type { TrainingEngine } from "./engine.ts";
import { createOnnxEngine } from "./onnx-engine/onnx-engine.ts";
import { createTfjsEngine } from "./tfjs-engine/tfjs-engine.ts";

export type EngineName = "auto" | "onnx" | "tfjs";

export const ENGINE_NAMES: readonly EngineName[] = ["auto", "onnx", "tfjs"];

/** "auto" is the fastest that is known; the others are taken or refused when training starts. */
export type TrainingProvider = "auto" | ExecutionProvider;

export const TRAINING_PROVIDERS: readonly TrainingProvider[] = ["auto", "cpu", "cuda", "webgpu"];

/**
 * What "auto" takes: the first of these that fits what was asked for. The order is that of `pnpm bench --only training`,
 * where the onnx engine takes more flows a second than tfjs on the CPU at batch 256 and at 4,096. No GPU has been
 * measured, so a GPU is taken only when it is asked for.
 */
const FASTEST_FIRST: readonly { readonly engine: "onnx" | "tfjs"; readonly provider: ExecutionProvider }[] = [
  { engine: "onnx", provider: "cpu" },
  { engine: "tfjs", provider: "cpu" },
  { engine: "onnx", provider: "cuda" },
  { engine: "tfjs", provider: "cuda" },
  { engine: "onnx", provider: "webgpu" },
];

export interface EngineChoice {
  readonly engine: EngineName;
  readonly provider: TrainingProvider;
  /** Threads within one operation on the CPU, of the onnx engine; one a core where it is absent. */
  readonly threads?: number;
}

/**
 * Makes the engine that was asked for. Whether its provider can be had shows when it starts.
 * @throws OddflowError PROVIDER_UNAVAILABLE for a pair that does not exist: tfjs on webgpu.
 */
export function chooseEngine({ engine, provider, threads }: EngineChoice): TrainingEngine {
  const chosen = FASTEST_FIRST.find(
    (pair) =>
      (engine === "auto" || pair.engine === engine) && (provider === "auto" || pair.provider === provider),
  );
  if (chosen === undefined) {
    throw new OddflowError(
      "PROVIDER_UNAVAILABLE",
      `train: the ${engine} engine does not run on ${provider}; use --provider cpu or cuda, or --engine onnx`,
    );
  }
  if (chosen.engine === "tfjs")
    return createTfjsEngine({ provider: chosen.provider === "cuda" ? "gpu" : "cpu" });
  return createOnnxEngine({ provider: chosen.provider, ...(threads === undefined ? {} : { threads }) });
}
