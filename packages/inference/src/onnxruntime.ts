/**
 * The one way to onnxruntime-node: nothing else imports it (biome.json holds that), so that no session of its opens before
 * its telemetry is off.
 */
import { InferenceSession } from "onnxruntime-node";
import { switchTelemetryOff } from "./telemetry.ts";

export type { InferenceSession } from "onnxruntime-node";
export { env, Tensor } from "onnxruntime-node";

/**
 * Opens an ONNX graph.
 * @throws OddflowError TELEMETRY_ON; onnxruntime's own error when it refuses the graph or an option
 */
export async function createSession(
  model: Uint8Array,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  await switchTelemetryOff();
  return InferenceSession.create(model, options);
}
