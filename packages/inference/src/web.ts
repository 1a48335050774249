import * as ort from "onnxruntime-web/wasm";
import { openScorer, type Scorer } from "./scorer.ts";

export { OddflowError } from "@oddflow/preprocessing";
export type { ExplainedFlow, Reason } from "./reason.ts";
export type { ExplainRequest, ScoreRequest, Scorer, ScorerThresholds, Scores } from "./scorer.ts";
export type { ExpectedValue, SeenValue, UnseenValue } from "./seen-value.ts";

/**
 * Opens a detector on onnxruntime-web's WebAssembly build, on one thread.
 *
 * Same interface and same scores (to 1e-5) as `@oddflow/inference/node`.
 * @throws OddflowError MODEL_INVALID, MODEL_FORMAT_VERSION, SPEC_VERSION, SPEC_INVALID for the file.
 */
export async function createScorer(model: Uint8Array): Promise<Scorer> {
  return openScorer(model, {
    Tensor: ort.Tensor,
    provider: "wasm",
    batchSize: 1024,
    async openSession(bytes) {
      ort.env.wasm.numThreads = 1;
      return ort.InferenceSession.create(bytes, { executionProviders: ["wasm"], logSeverityLevel: 3 });
    },
  });
}
