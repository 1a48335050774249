/**
 * The one way to onnxruntime-node: nothing else imports it (biome.json holds that), so that no session of its opens before
 * its telemetry is off.
 *
 * It is CommonJS in some twenty files: imported, Node reads every file once more for the names of its exports.
 */
import { createRequire } from "node:module";
import type * as Onnxruntime from "onnxruntime-node";
import { switchTelemetryOff } from "./telemetry.ts";

export type { InferenceSession } from "onnxruntime-node";

const library = createRequire(import.meta.url)("onnxruntime-node") as typeof Onnxruntime;

export const env: Onnxruntime.Env = library.env;
export const Tensor: Onnxruntime.TensorConstructor = library.Tensor;
export type Tensor = Onnxruntime.Tensor;

/**
 * Opens an ONNX graph.
 * @throws OddflowError TELEMETRY_ON; onnxruntime's own error when it refuses the graph or an option
 */
export async function createSession(
  model: Uint8Array,
  options: Onnxruntime.InferenceSession.SessionOptions,
): Promise<Onnxruntime.InferenceSession> {
  await switchTelemetryOff();
  return library.InferenceSession.create(model, options);
}
