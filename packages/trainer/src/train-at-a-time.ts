import { Worker } from "node:worker_threads";
import { OddflowError } from "@oddflow/preprocessing";
import { type NetworkTask, type TaskResult, type TaskRun, trainDetectorNetwork } from "./detector-network.ts";
import type { TrainingEngine } from "./engine.ts";
import { HALT_TRAINING, INTERRUPT, type NetworkThreadStart, type ThreadMessage } from "./network-messages.ts";
import type { TrainingProgress } from "./train-network.ts";
import type { RunOptions, ThreadListener } from "./training-options.ts";

/** It is found from the sources, from what is built of them, and from the commands' bundle, which has it beside its own files. */
const PROGRAM = new URL("../bundle/network-thread.js", import.meta.url);

/**
 * Trains networks one after the other; interrupted, those that were begun.
 * @throws what `trainDetectorNetwork` throws
 */
export async function trainInTurn(
  engine: TrainingEngine,
  tasks: readonly NetworkTask[],
  { onProgress, signal }: RunOptions,
): Promise<TaskResult[]> {
  const results: TaskResult[] = [];
  for (const [place, task] of tasks.entries()) {
    if (place > 0 && signal?.aborted) break;
    const tell = (progress: TrainingProgress): void =>
      onProgress?.({ ...progress, network: place + 1, networks: tasks.length });
    results.push(await trainDetectorNetwork(engine, task, { onProgress: tell, signal }));
  }
  return results;
}

/**
 * Trains networks at a time, the first one in this thread and each other in one of its own, on an engine of the thread's. Of their
 * progress, what is told is the one's that has the longest to go.
 * @throws what `trainDetectorNetwork` throws, once all have ended
 */
export async function trainAtATime(
  engine: TrainingEngine,
  tasks: readonly NetworkTask[],
  { onProgress, signal, onThread }: RunOptions,
): Promise<TaskResult[]> {
  const failed = new AbortController();
  const ends = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  const latest: (TrainingProgress | undefined)[] = tasks.map(() => undefined);
  const results = tasks.map(async (task, place) => {
    const run: TaskRun = {
      signal: ends,
      onProgress(progress) {
        latest[place] = progress;
        if (latest.every((other) => (other?.secondsLeft ?? 0) <= progress.secondsLeft)) {
          onProgress?.({ ...progress, network: place + 1, networks: tasks.length });
        }
      },
    };
    try {
      return await (place === 0
        ? trainDetectorNetwork(engine, task, run)
        : trainInThread(task, run, onThread));
    } catch (error) {
      failed.abort();
      throw error;
    } finally {
      latest[place] = undefined;
    }
  });
  await Promise.allSettled(results);
  return Promise.all(results);
}

/** The thread ends by itself: onnxruntime's binding ends the whole process when its thread is ended in the middle of a run. */
async function trainInThread(
  task: NetworkTask,
  { onProgress, signal }: TaskRun,
  onThread: ThreadListener | undefined,
): Promise<TaskResult> {
  const start: NetworkThreadStart = { task, isInterrupted: signal?.aborted ?? false };
  // Without this process's own options: they may say that packages are to be found as sources, and the program is built.
  const worker = new Worker(PROGRAM, { workerData: start, execArgv: [] });
  const interrupt = (): void => worker.postMessage(INTERRUPT);
  signal?.addEventListener("abort", interrupt);
  // Not by `once`, which fails where the thread does, though nobody may be waiting.
  const exit = new Promise<void>((resolve) => worker.on("exit", () => resolve()));
  let isHalted = false;
  const hasEnded = onThread?.({
    async halt() {
      isHalted = true;
      worker.postMessage(HALT_TRAINING);
      await exit;
    },
  });
  try {
    return await new Promise<TaskResult>((resolve, reject) => {
      let result: TaskResult | undefined;
      worker.on("message", (message: ThreadMessage) => {
        if ("progress" in message) onProgress?.(message.progress);
        else if ("result" in message) result = message.result;
        else reject(new OddflowError(message.code, message.message));
      });
      worker.on("error", (thrown) => reject(isOutOfMemory(thrown) ? lost(thrown) : thrown));
      worker.on("exit", () => {
        hasEnded?.();
        if (isHalted) return;
        if (result === undefined) reject(new Error("train: a network's thread ended before it was done"));
        else resolve(result);
      });
    });
  } finally {
    signal?.removeEventListener("abort", interrupt);
  }
}

function isOutOfMemory(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ERR_WORKER_OUT_OF_MEMORY";
}

function lost(cause: unknown): OddflowError {
  return new OddflowError(
    "WORKER_LOST",
    "train: the thread of a network ran out of memory; train with --threads 1, one network after the other",
    { cause },
  );
}
