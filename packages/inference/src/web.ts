import type { ModelSource } from "./model-source.ts";
import type { Scorer } from "./scorer.ts";
import { type WasmOptions, WebRuntime } from "./web-runtime.ts";

export { OddflowError } from "@oddflow/preprocessing";
export type { ModelSource } from "./model-source.ts";
export type { ExplainedFlow, Reason } from "./reason.ts";
export type { ExplainRequest, ScoreOptions, Scorer, ScorerThresholds, Scores } from "./scorer.ts";
export type { ExpectedValue, SeenValue, UnseenValue } from "./seen-value.ts";
export type { WasmOptions } from "./web-runtime.ts";

// Imported when it is needed, so that a bundler puts it in a file of its own: its threads start from the file it is
// in, and would run the whole page again if they shared one.
const runtime = new WebRuntime("wasm", 1024, () => import("onnxruntime-web/wasm"));

/**
 * Opens a detector on onnxruntime-web's WebAssembly build: in a page, a worker, workerd, Deno, Bun, Node.
 *
 * Same interface and same scores (to 1e-5) as `@oddflow/inference/node`. A string or URL is fetched; bytes and a
 * `Response` are the model file itself.
 * @throws OddflowError MODEL_NOT_FOUND, MODEL_INVALID, MODEL_FORMAT_VERSION, SPEC_VERSION, SPEC_INVALID for the file;
 * MODEL_UNTRUSTED and KEY_INVALID with `trust`;
 * OPTION_RANGE for options that cannot be had; PROVIDER_UNAVAILABLE when the WebAssembly cannot be loaded;
 * RUNTIME_UNAVAILABLE when onnxruntime-web cannot be imported, or is another release.
 */
export function createScorer(model: ModelSource, options: WasmOptions = {}): Promise<Scorer> {
  return runtime.createScorer(model, options);
}
