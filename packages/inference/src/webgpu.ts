/// <reference lib="dom" />
import { OddflowError } from "@oddflow/preprocessing";
import type { ModelSource } from "./model-source.ts";
import type { Scorer } from "./scorer.ts";
import { type WasmOptions, WebRuntime } from "./web-runtime.ts";

export { OddflowError } from "@oddflow/preprocessing";
export type { ModelSource } from "./model-source.ts";
export type { ExplainedFlow, Reason } from "./reason.ts";
export type { ExplainRequest, ScoreOptions, Scorer, ScorerThresholds, Scores } from "./scorer.ts";
export type { ExpectedValue, SeenValue, UnseenValue } from "./seen-value.ts";

/** As for `./web`, but the file is `ort-wasm-simd-threaded.asyncify.wasm`, which is twice as large. */
export type WebGpuOptions = Pick<WasmOptions, "wasmUrl" | "wasmModule" | "trust">;

const runtime = new WebRuntime("webgpu", 65_536, () => import("onnxruntime-web/webgpu"), checkAdapter);

/**
 * Opens a detector on the GPU, through WebGPU and onnxruntime-web. Worth it for many flows at once.
 *
 * Same interface as `@oddflow/inference/web`. It never falls back: whoever wants that catches PROVIDER_UNAVAILABLE.
 * @throws OddflowError MODEL_NOT_FOUND, MODEL_INVALID, MODEL_FORMAT_VERSION, SPEC_VERSION, SPEC_INVALID for the file;
 * MODEL_UNTRUSTED and KEY_INVALID with `trust`;
 * PROVIDER_UNAVAILABLE where there is no WebGPU or no adapter, or the WebAssembly cannot be loaded;
 * RUNTIME_UNAVAILABLE when onnxruntime-web cannot be imported, or is another release.
 */
export function createScorer(
  model: ModelSource,
  { wasmUrl, wasmModule, trust }: WebGpuOptions = {},
): Promise<Scorer> {
  return runtime.createScorer(model, {
    threads: 1,
    ...(wasmUrl === undefined ? {} : { wasmUrl }),
    ...(wasmModule === undefined ? {} : { wasmModule }),
    ...(trust === undefined ? {} : { trust }),
  });
}

/** The part of the WebGPU API that is asked here; not every version of the DOM's types has it. */
interface WithGpu {
  readonly gpu?: { requestAdapter(): Promise<object | null> };
}

async function checkAdapter(): Promise<void> {
  const { gpu } = (globalThis.navigator ?? {}) as WithGpu;
  if (!gpu) throw unavailable("this host has no WebGPU (a page needs https and a browser that has it)");
  if (!(await gpu.requestAdapter()))
    throw unavailable("WebGPU is there, but no adapter: no GPU that it may use");
}

function unavailable(reason: string): OddflowError {
  return new OddflowError(
    "PROVIDER_UNAVAILABLE",
    `open session: the webgpu provider cannot be had: ${reason}; use @oddflow/inference/web`,
  );
}
