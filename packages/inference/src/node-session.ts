import { existsSync } from "node:fs";
import { join } from "node:path";
import { OddflowError } from "@oddflow/preprocessing";
import { createSession, findRuntime, type InferenceSession } from "./onnxruntime.ts";
import type { ExecutionProvider } from "./provider.ts";

/** What a provider needs, for a person who asked for it. */
export const HOW_TO_GET: Record<Exclude<ExecutionProvider, "cpu">, string> = {
  cuda:
    "it needs an NVIDIA GPU with its driver, CUDA 13, cuDNN 9 and onnxruntime's CUDA library " +
    '(README.md, "The CUDA provider"); or use the cpu provider',
  webgpu:
    "it needs a GPU with a Vulkan, Metal or Direct3D 12 driver (on Linux libvulkan1); or use the cpu provider",
};

/** What a session can be asked for besides. */
export interface SessionExtras {
  /** Names of outputs that stay in the device's memory, as tensors to feed again and to dispose of. WebGPU only. */
  readonly outputsOnDevice?: readonly string[];
  /** Where onnxruntime writes its profile, which names the provider of every node that ran; the start of a path. */
  readonly profile?: string;
}

/**
 * Opens any ONNX graph on onnxruntime-node with the project's session options.
 *
 * `threads` are those within one operation on the CPU; onnxruntime's choice, one a core, where it is absent.
 * @throws OddflowError PROVIDER_UNAVAILABLE when the provider cannot be had, with what is missing; RUNTIME_UNAVAILABLE without onnxruntime-node; TELEMETRY_ON where onnxruntime's
 * cannot be switched off; onnxruntime's own error when the CPU provider refuses the graph.
 */
export async function openNodeSession(
  model: Uint8Array,
  provider: ExecutionProvider,
  threads?: number,
  { outputsOnDevice, profile }: SessionExtras = {},
): Promise<InferenceSession> {
  if (provider === "cuda" && !cudaLibraryIsThere()) {
    throw unavailable(provider, "onnxruntime's CUDA library is not installed");
  }
  // TF32's products are good to three digits, and onnxruntime-node has no option against them.
  if (provider === "cuda") process.env["NVIDIA_TF32_OVERRIDE"] ??= "0";
  try {
    return await createSession(model, {
      executionProviders: [provider],
      // Warnings about the provider's choice of nodes are no news to the user.
      logSeverityLevel: 3,
      // Between calls its threads would wait for work at full speed: what encodes and writes needs the processors.
      extra: { session: { force_spinning_stop: "1" } },
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      ...(outputsOnDevice === undefined
        ? {}
        : {
            preferredOutputLocation: Object.fromEntries(outputsOnDevice.map((name) => [name, "gpu-buffer"])),
          }),
      ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
    });
  } catch (cause) {
    if (provider === "cpu" || cause instanceof OddflowError) throw cause;
    throw unavailable(provider, sessionFailure(cause), cause);
  }
}

/**
 * The part of onnxruntime's message that a person can use: what CUDA says, or else the first line, without the C++
 * assertion before it.
 */
export function sessionFailure(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  const [line = ""] = text.split("\n");
  return /CUDA failure \d+: [^;\n]*[^;\n ]/.exec(text)?.[0] ?? line.replace(/^.* was false\. /, "");
}

/**
 * Asking onnxruntime for a library that is not there makes it write to standard error, so look first.
 * @throws OddflowError RUNTIME_UNAVAILABLE
 */
export function cudaLibraryIsThere(): boolean {
  const { folder } = findRuntime();
  const file =
    process.platform === "win32" ? "onnxruntime_providers_cuda.dll" : "libonnxruntime_providers_cuda.so";
  return existsSync(join(folder, "bin", "napi-v6", process.platform, process.arch, file));
}

function unavailable(provider: "cuda" | "webgpu", reason: string, cause?: unknown): OddflowError {
  const message = `open session: the ${provider} provider cannot be had: ${reason}; ${HOW_TO_GET[provider]}`;
  return new OddflowError("PROVIDER_UNAVAILABLE", message, cause === undefined ? undefined : { cause });
}
