import { OddflowError } from "@oddflow/preprocessing";

/**
 * The release of onnxruntime-node and onnxruntime-web that scores are held to, and that privacy was looked at in: of the natives, whether they
 * send telemetry and how that is switched off. The package's optional peers have the same one; a test holds that.
 */
export const RUNTIME_RELEASE = "1.30.0";

/** Either is an optional peer: whoever uses an entry installs the runtime that it needs. */
export type RuntimePackage = "onnxruntime-node" | "onnxruntime-web";

/** @throws OddflowError RUNTIME_UNAVAILABLE when the installed release is another one */
export function checkRelease(runtime: RuntimePackage, found: string | undefined): void {
  if (found !== RUNTIME_RELEASE) {
    throw unavailableRuntime(runtime, `${found ?? "a release that it does not name"} is installed`);
  }
}

/** The refusal where a runtime cannot be had; `found` is what is there instead. */
export function unavailableRuntime(runtime: RuntimePackage, found: string, cause?: unknown): OddflowError {
  return new OddflowError(
    "RUNTIME_UNAVAILABLE",
    `load ${runtime}: ${found}, expected ${RUNTIME_RELEASE}; run "npm install ${runtime}@${RUNTIME_RELEASE}"`,
    cause === undefined ? {} : { cause },
  );
}
