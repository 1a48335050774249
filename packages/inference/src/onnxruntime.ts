/**
 * The one way to onnxruntime-node: nothing else imports it (biome.json holds that), so that no session of its opens before
 * its telemetry is off. It is an optional peer and is loaded when the first session is opened.
 *
 * It is CommonJS in some twenty files: imported, Node reads every file once more for the names of its exports.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { OddflowError } from "@oddflow/preprocessing";
import type * as Common from "onnxruntime-common";
import type {
  InferenceSession,
  InferenceSessionFactory,
  Tensor as OnnxTensor,
  TensorConstructor,
} from "onnxruntime-common";
import { checkRelease, RUNTIME_RELEASE, unavailableRuntime } from "./runtime-release.ts";
import { switchTelemetryOff } from "./telemetry.ts";

export type { InferenceSession } from "onnxruntime-common";

/** The class of onnxruntime-node's tensors, which it has from onnxruntime-common. */
export const Tensor: TensorConstructor = (
  createRequire(import.meta.url)("onnxruntime-common") as typeof Common
).Tensor;
export type Tensor = OnnxTensor;

interface InstalledRuntime {
  /** Where the package is. */
  readonly folder: string;
  readonly version: string;
}

/**
 * Where onnxruntime-node is, without loading it.
 * @throws OddflowError RUNTIME_UNAVAILABLE where there is none, or one of another release
 */
export function findRuntime(): InstalledRuntime {
  let manifest: string;
  try {
    manifest = createRequire(import.meta.url).resolve("onnxruntime-node/package.json");
  } catch (cause) {
    throw unavailableRuntime("onnxruntime-node", "it is not installed", cause);
  }
  const { version }: { version: string } = JSON.parse(readFileSync(manifest, "utf8"));
  checkRelease("onnxruntime-node", version);
  return { folder: dirname(manifest), version };
}

/**
 * Opens an ONNX graph.
 * @throws OddflowError RUNTIME_UNAVAILABLE, TELEMETRY_ON; onnxruntime's own error when it refuses the graph or an option
 */
export async function createSession(
  model: Uint8Array,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  const factory = loadFactory();
  await switchTelemetryOff();
  return factory.create(model, options);
}

let loaded: InferenceSessionFactory | undefined;

function loadFactory(): InferenceSessionFactory {
  if (loaded !== undefined) return loaded;
  findRuntime();
  try {
    ({ InferenceSession: loaded } = createRequire(import.meta.url)("onnxruntime-node") as typeof Common);
  } catch (cause) {
    const [reason] = String(cause instanceof Error ? cause.message : cause).split("\n");
    const message =
      `load onnxruntime-node: its library for ${process.platform} ${process.arch} cannot be loaded (${reason}); ` +
      `install onnxruntime-node@${RUNTIME_RELEASE} anew on this machine, or use @oddflow/inference/web`;
    throw new OddflowError("RUNTIME_UNAVAILABLE", message, { cause });
  }
  return loaded;
}
