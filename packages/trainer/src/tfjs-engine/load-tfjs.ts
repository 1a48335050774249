import { createRequire } from "node:module";
import util from "node:util";
import { OddflowError } from "@oddflow/preprocessing";
import { isNativeBackend } from "./native-kernels.ts";
import type { Tfjs, TfjsModule } from "./tfjs-namespace.ts";
import {
  findTfjsPackage,
  TFJS_PACKAGES,
  type TfjsProvider,
  whyNoGpu,
  whyNotInstalled,
  whyNotLoaded,
} from "./tfjs-package.ts";

/** What a tfjs runs on. */
export interface TfjsRuntime {
  /** "@tensorflow/tfjs-node", "@tensorflow/tfjs-node-gpu", or "@tensorflow/tfjs" for a backend without libtensorflow. */
  readonly package: string;
  readonly tfjsVersion: string;
  /** tfjs's name of the backend; libtensorflow's is "tensorflow". */
  readonly backend: string;
  /** The version of libtensorflow; null on a backend without it. */
  readonly libtensorflow: string | null;
  /** Whether libtensorflow found a GPU, which it then runs on. */
  readonly gpu: boolean;
}

/** libtensorflow reads these when it is loaded. What the user has set stays. */
const ENVIRONMENT = {
  // Errors only.
  TF_CPP_MIN_LOG_LEVEL: "2",
  // At the usual batch sizes, handing work to another thread takes longer than the work.
  TF_NUM_INTRAOP_THREADS: "1",
  // oneDNN's matrix products, up to its release 3.11, keep an address on the heap in the stack pointer. A signal that
  // comes meanwhile (Ctrl-C, a resized terminal) overwrites what lies there, and Node crashes. These two have Eigen
  // compute instead: https://github.com/uxlfoundation/oneDNN/issues/4845
  TF_ENABLE_ONEDNN_OPTS: "0",
  TENSORFLOW_USE_CUSTOM_CONTRACTION_KERNEL: "0",
};

/**
 * Loads tfjs-node for the CPU or tfjs-node-gpu, and makes its backend current. A process can load one of the two. To be
 * called on the main thread: what a worker sets in its environment does not reach libtensorflow.
 * @throws OddflowError PROVIDER_UNAVAILABLE when the package, its native half or the GPU is missing.
 */
export async function loadTfjs(provider: TfjsProvider): Promise<Tfjs> {
  const entry = findTfjsPackage(provider);
  if (entry === undefined) throw unavailable(provider, whyNotInstalled(provider));
  for (const [name, value] of Object.entries(ENVIRONMENT)) process.env[name] ??= value;
  giveUtilWhatTfjsCalls();
  let tf: Tfjs;
  try {
    tf = createRequire(import.meta.url)(entry);
  } catch (cause) {
    const thrown = cause instanceof Error ? cause.message : String(cause);
    throw unavailable(provider, whyNotLoaded(provider, thrown), cause);
  }
  await tf.setBackend("tensorflow");
  const runtime = describeRuntime(tf);
  if (runtime.package !== TFJS_PACKAGES[provider]) {
    throw unavailable(
      provider,
      `this process already runs ${runtime.package}, and a process can have one only`,
    );
  }
  if (provider === "gpu" && !runtime.gpu) throw unavailable(provider, whyNoGpu(runtime.libtensorflow ?? ""));
  return tf;
}

/** Of the backend that is current. */
export function describeRuntime(tf: TfjsModule): TfjsRuntime {
  const native = tf.backend();
  const backend = tf.getBackend();
  if (!isNativeBackend(native)) {
    const tfjsVersion = tf.version["tfjs"] ?? "unknown";
    return { package: "@tensorflow/tfjs", tfjsVersion, backend, libtensorflow: null, gpu: false };
  }
  return {
    package: TFJS_PACKAGES[native.isGPUPackage ? "gpu" : "cpu"],
    tfjsVersion: tf.version["tfjs-node"] ?? tf.version["tfjs"] ?? "unknown",
    backend,
    libtensorflow: native.binding.TF_Version,
    gpu: native.isUsingGpuDevice,
  };
}

/** Node 23 took two functions away that tfjs-node 4.22 calls; earlier ones warn that they are deprecated. */
function giveUtilWhatTfjsCalls(): void {
  Object.assign(util, {
    isArray: Array.isArray,
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  });
}

function unavailable(provider: TfjsProvider, reason: string, cause?: unknown): OddflowError {
  const message = `train: the tfjs engine cannot run on the ${provider.toUpperCase()}: ${reason}; or use the onnx engine`;
  return new OddflowError("PROVIDER_UNAVAILABLE", message, cause === undefined ? undefined : { cause });
}
