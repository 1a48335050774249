import { execFile } from "node:child_process";
import {
  findTfjsPackage,
  TFJS_PACKAGES,
  type TfjsProvider,
  whyNoGpu,
  whyNotInstalled,
  whyNotLoaded,
} from "./tfjs-package.ts";

/** Whether the tfjs engine can run here, and on what. */
export interface TfjsDescription {
  readonly available: boolean;
  readonly package: string;
  /** Null where the package does not load. */
  readonly tfjsVersion: string | null;
  /** Null where the package does not load. */
  readonly libtensorflow: string | null;
  /** Whether libtensorflow found a GPU. */
  readonly gpu: boolean;
  /** Why it is not available and what to do; absent when it is. */
  readonly reason?: string;
}

/** What the other Node writes. */
interface Probe {
  readonly loaded?: Pick<TfjsDescription, "tfjsVersion" | "gpu"> & { readonly libtensorflow: string };
  readonly thrown?: string;
}

const PROBE = `
  const util = require("node:util");
  util.isArray = Array.isArray;
  util.isNullOrUndefined = (value) => value === null || value === undefined;
  const report = (probe) => console.log(JSON.stringify(probe));
  try {
    const tf = require(process.argv[1]);
    const { binding, isUsingGpuDevice } = tf.backend();
    const tfjsVersion = tf.version["tfjs-node"];
    report({ loaded: { tfjsVersion, libtensorflow: binding.TF_Version, gpu: isUsingGpuDevice } });
  } catch (error) {
    report({ thrown: String(error?.message ?? error) });
  }
`;

/**
 * Finds out whether the tfjs engine can run on a provider here, without loading tfjs into this process: another Node
 * tries it (about a second), so neither what libtensorflow writes nor a crash of it reaches the caller. Never rejects.
 */
export async function describeTfjs(provider: TfjsProvider = "cpu"): Promise<TfjsDescription> {
  const unavailable = (reason: string): TfjsDescription => {
    const found = { package: TFJS_PACKAGES[provider], tfjsVersion: null, libtensorflow: null, gpu: false };
    return { available: false, ...found, reason };
  };
  const entry = findTfjsPackage(provider);
  if (entry === undefined) return unavailable(whyNotInstalled(provider));
  const { loaded, thrown = "" } = await probe(entry);
  if (!loaded) return unavailable(whyNotLoaded(provider, thrown));
  const found = { package: TFJS_PACKAGES[provider], ...loaded };
  if (provider === "gpu" && !loaded.gpu) {
    return { available: false, ...found, reason: whyNoGpu(loaded.libtensorflow) };
  }
  return { available: true, ...found };
}

function probe(entry: string): Promise<Probe> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" } };
    const child = execFile(process.execPath, ["-e", PROBE, entry], options, (_, stdout) => {
      try {
        resolve(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
      } catch {
        resolve({ thrown: `it ended Node with ${child.signalCode ?? `exit status ${child.exitCode}`}` });
      }
    });
  });
}
