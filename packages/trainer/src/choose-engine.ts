import { type ExecutionProvider, type Provider, THREADS } from "@oddflow/inference";
import { checkRange, OddflowError } from "@oddflow/preprocessing";
import type { TrainingEngine } from "./engine.ts";
import { createOnnxEngine } from "./onnx-engine/onnx-engine.ts";
import { createTfjsEngine } from "./tfjs-engine/tfjs-engine.ts";

/** A training engine: onnxruntime's, tfjs's, or the faster of them. */
export type EngineName = "auto" | "onnx" | "tfjs";

/** Every training engine that can be asked for. */
export const ENGINE_NAMES: readonly EngineName[] = ["auto", "onnx", "tfjs"];

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

/** Which engine trains, and on what. */
export interface EngineChoice {
  /** "auto" is the fastest that is known; the others are taken or refused when training starts. */
  readonly engine: EngineName;
  readonly provider: Provider;
  /** Threads within one operation on the CPU, of the onnx engine; one a core where it is absent. */
  readonly threads?: number | undefined;
}

/**
 * Makes the engine that was asked for. Whether its provider can be had shows when it starts.
 * @throws OddflowError PROVIDER_UNAVAILABLE for a pair that does not exist: tfjs on webgpu; OPTION_RANGE for a number of
 * threads out of `THREADS`.
 */
export function chooseEngine({ engine, provider, threads }: EngineChoice): TrainingEngine {
  if (threads !== undefined) checkRange("train: the number of threads", threads, THREADS);
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
  return createOnnxEngine({ provider: chosen.provider, threads });
}
