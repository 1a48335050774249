import { stat } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import type { OrderMessage, WorkerStart } from "./scoring-messages.ts";

/** The worker as it was built: it is found both from the sources and from what is built of them. */
const WORKER = new URL("../dist/score-worker.js", import.meta.url);

/** Parquet files that are larger together are worth workers, whatever is in them. */
const LARGE_BYTES = 5_000_000;

/** A thread that scores parts of a table. */
export interface ScoringWorker {
  readonly worker: Worker;
  /** Ends with the thread: undefined, or what it threw where no message could say so. */
  readonly ended: Promise<unknown>;
}

/** Threads that score parts of one table. */
export interface ScoringCrew {
  readonly workers: readonly ScoringWorker[];
  /** Gives them the model, a model file's bytes: once, and before any part. */
  open(model: Uint8Array): void;
  /** How many flows they have scored. */
  scored(): number;
}

/**
 * Starts threads that load what they need, open the table, and wait for the model and for orders.
 * @param flows the files of the table, as they were named
 */
export function startWorkers(count: number, flows: readonly string[]): ScoringCrew {
  const progress = new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT));
  const workers = Array.from({ length: count }, () => {
    const worker = new Worker(WORKER, { workerData: { flows, progress } satisfies WorkerStart });
    const ended = new Promise<unknown>((resolve) =>
      worker.on("error", resolve).on("exit", () => resolve(undefined)),
    );
    return { worker, ended };
  });
  return {
    workers,
    open(model) {
      for (const { worker } of workers) worker.postMessage({ kind: "model", model } satisfies OrderMessage);
    },
    scored: () => Number(Atomics.load(progress, 0)),
  };
}

/** Ends threads, also in the middle of a part, and waits for them; harmless for those that have ended. */
export async function endWorkers({ workers }: ScoringCrew): Promise<void> {
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
