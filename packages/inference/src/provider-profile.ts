import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** A node of a graph, as one run of it is in onnxruntime's profile. */
export interface NodeRun {
  /** "MatMul" and the like; of a fused node the name of what it was fused to. */
  readonly operator: string;
  /** As onnxruntime calls it: "CPUExecutionProvider", "CUDAExecutionProvider", "WebGpuExecutionProvider". */
  readonly provider: string;
}

/** What onnxruntime calls the providers. */
export const PROVIDER_NAMES = {
  cpu: "CPUExecutionProvider",
  cuda: "CUDAExecutionProvider",
  webgpu: "WebGpuExecutionProvider",
} as const;

/**
 * Every node that a released session ran, in order, from the profile that it was opened with (`SessionExtras.profile`).
 * That a session opened without an error does not say that its provider ran anything: what a provider has no kernel
 * for, the CPU runs.
 * @throws Error when there is no profile
 */
export function readNodeRuns(profile: string): NodeRun[] {
  const folder = dirname(profile);
  const files = readdirSync(folder).filter((name) => name.startsWith(basename(profile)));
  if (files.length === 0) throw new Error(`read profile: no file ${profile}*; release the session first`);
  return files.flatMap((file) => readEvents(join(folder, file)));
}

interface ProfileEvent {
  readonly cat?: string;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

function readEvents(file: string): NodeRun[] {
  const events: readonly ProfileEvent[] = JSON.parse(readFileSync(file, "utf8"));
  return events.flatMap(({ cat, args }) =>
    cat === "Node" && args?.op_name && args.provider
      ? [{ operator: args.op_name, provider: args.provider }]
      : [],
  );
}
