import { stat } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import type { OrderMessage } from "./scoring-messages.ts";

/** The worker as it was built: it is found both from the sources and from what is built of them. */
const WORKER = new URL("../dist/score-worker.js", import.meta.url);

/** Parquet files that are larger together are worth workers, whatever is in them. */
const LARGE_BYTES = 16_000_000;

/** A thread that scores parts of a table. */
export interface ScoringWorker {
  readonly worker: Worker;
  /** Ends with the thread: undefined, or what it threw where no message could say so. */
  readonly ended: Promise<unknown>;
}

/** Starts threads that load and open what they need, and wait for orders. */
export function startWorkers(count: number, model: Uint8Array): ScoringWorker[] {
  return Array.from({ length: count }, () => {
    const worker = new Worker(WORKER, { workerData: model });
    const ended = new Promise<unknown>((resolve) =>
      worker.on("error", resolve).on("exit", () => resolve(undefined)),
    );
    return { worker, ended };
  });
}

/** Ends threads, also in the middle of a part, and waits for them; harmless for those that have ended. */
export async function endWorkers(workers: readonly ScoringWorker[]): Promise<void> {
  for (const { worker } of workers) worker.postMessage(undefined satisfies OrderMessage);
  await Promise.all(workers.map(({ ended }) => ended));
}

/**
 * Whether files are so large that workers are going to be needed, from a look at their names and sizes. Starting a worker
 * takes as long as opening a table does: both can be done side by side.
 */
export async function areLarge(paths: readonly string[]): Promise<boolean> {
  if (!paths.every((path) => /\.parquet$/i.test(path))) return false;
  const sizes = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
  return sizes.reduce((sum, file) => sum + (file?.size ?? 0), 0) >= LARGE_BYTES;
}
