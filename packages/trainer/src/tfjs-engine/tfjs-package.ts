import { createRequire } from "node:module";
import { join } from "node:path";

/** Where tfjs-node can be asked to run. */
export type TfjsProvider = "cpu" | "gpu";

/** The package for each; both have the same interface. */
export const TFJS_PACKAGES = { cpu: "@tensorflow/tfjs-node", gpu: "@tensorflow/tfjs-node-gpu" } as const;

/**
 * The path of the package's entry, or undefined where it is not installed. It is looked for from here, where it is an
 * optional dependency, and from the current folder, where a user may have installed it.
 */
export function findTfjsPackage(provider: TfjsProvider): string | undefined {
  for (const from of [import.meta.url, join(process.cwd(), "package.json")]) {
    try {
      return createRequire(from).resolve(TFJS_PACKAGES[provider]);
    } catch {
      // Not from there.
    }
  }
  return undefined;
}

/** Why a provider cannot be had where its package is not installed, and what to do. */
export function whyNotInstalled(provider: TfjsProvider): string {
  const name = TFJS_PACKAGES[provider];
  return `${name} is not installed; run "npm install ${name}@4.22.0" in the current folder`;
}

/** Why a provider cannot be had when its package threw this on loading, and what to do. */
export function whyNotLoaded(provider: TfjsProvider, thrown: string): string {
  const name = TFJS_PACKAGES[provider];
  if (thrown.includes("tfjs_binding.node) can not be found")) {
    const remedy =
      provider === "cpu"
        ? "run scripts/install-tfjs-native of Oddflow's repository, which builds it"
        : `run "npm rebuild ${name}", which downloads it`;
    return `${name} is there without its native half, tfjs_binding.node; ${remedy}`;
  }
  return `${name} cannot be loaded: ${thrown.split("\n")[0]}`;
}

/** Why the GPU cannot be had when libtensorflow lists none among its devices, and what to do. */
export function whyNoGpu(libtensorflow: string): string {
  return (
    `${TFJS_PACKAGES.gpu} loads, but its libtensorflow ${libtensorflow} found no GPU; ` +
    "it needs an NVIDIA GPU with its driver, and CUDA 11.2 and cuDNN 8.1 where the system looks for libraries"
  );
}
