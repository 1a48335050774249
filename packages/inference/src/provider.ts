import type { OptionRange } from "@oddflow/preprocessing";

/** Where a session can be asked to run. */
export type ExecutionProvider = "cpu" | "cuda" | "webgpu";

/** "auto" takes CUDA where it can be had and the CPU otherwise; the others are taken or refused. */
export type Provider = "auto" | ExecutionProvider;

/** All that may be asked for. */
export const PROVIDERS: readonly Provider[] = ["auto", "cpu", "cuda", "webgpu"];

/** How many threads of the CPU can be asked for: more are a slip of the finger. */
export const THREADS: OptionRange = { from: 1, to: 256, whole: true };
