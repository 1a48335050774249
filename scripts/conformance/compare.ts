import type { ShippedSize } from "./bundle.ts";
import type { Runtime } from "./runtimes.ts";

/** How far a score may be from onnxruntime-node's: of the score, or of 1 where the score is smaller. */
export const TOLERANCE = 1e-5;

/** A runtime's line in the table. */
export type Outcome =
  | { readonly runtime: string; readonly status: "skipped" | "failed"; readonly reason: string }
  | {
      readonly runtime: string;
      readonly status: "agrees" | "differs";
      readonly version: string;
      readonly largestDifference: number;
      /** To the first score. */
      readonly coldStartMs: number;
      readonly flowsPerSecond: number;
      readonly shipped: ShippedSize;
    };

/** Runs a runtime and holds its scores against those wanted. Never throws: what goes wrong is in the outcome. */
export async function holdAgainst(wanted: Float32Array, runtime: Runtime): Promise<Outcome> {
  const { name } = runtime;
  const found = runtime.find();
  if (found.program === undefined) return { runtime: name, status: "skipped", reason: found.reason };
  try {
    const { run, shipped } = await runtime.run(found.program);
    const largestDifference = findLargestDifference(wanted, run.scores);
    return {
      runtime: name,
      status: largestDifference <= TOLERANCE ? "agrees" : "differs",
      version: found.version,
      largestDifference,
      coldStartMs: run.coldStartMs,
      flowsPerSecond: run.flowsPerSecond,
      shipped,
    };
  } catch (error) {
    return {
      runtime: name,
      status: "failed",
      reason: error instanceof Error ? error.message : String(error),
    };
  }
}

/** Infinity where one side has no number, or fewer of them. */
export function findLargestDifference(wanted: Float32Array, found: readonly (number | null)[]): number {
  if (wanted.length === 0 || wanted.length !== found.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  wanted.forEach((score, row) => {
    const difference = Math.abs((found[row] ?? Number.NaN) - score) / Math.max(1, Math.abs(score));
    largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(largest, difference);
  });
  return largest;
}
