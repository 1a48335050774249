import { parentPort, workerData } from "node:worker_threads";
import { type ErrorCode, OddflowError } from "@oddflow/preprocessing";
import { type NetworkTask, type TaskResult, trainDetectorNetwork } from "./detector-network.ts";
import { createOnnxEngine } from "./onnx-engine/onnx-engine.ts";
import type { TrainingProgress } from "./train-network.ts";

/** What the thread is started with. */
export interface NetworkThreadStart {
  readonly task: NetworkTask;
  /** Whether the training was interrupted before it began. */
  readonly isInterrupted: boolean;
}

/** What it says: any number of progresses, then what became of the task. */
export type ThreadMessage =
  | { readonly progress: TrainingProgress }
  | { readonly result: TaskResult }
  | { readonly code: ErrorCode; readonly message: string };

/*
 * A thread that trains one network, on one core. Whatever it is told interrupts it.
 */

const { task, isInterrupted } = workerData as NetworkThreadStart;
const interrupted = new AbortController();
if (isInterrupted) interrupted.abort();
const say = (message: ThreadMessage): void => parentPort?.postMessage(message);
parentPort?.on("message", () => interrupted.abort());
try {
  const result = await trainDetectorNetwork(createOnnxEngine({ threads: 1 }), task, {
    signal: interrupted.signal,
    onProgress: (progress) => say({ progress }),
  });
  say({ result });
} catch (error) {
  // An error goes to another thread without its class. What is no refusal ends the thread, which its starter hears of.
  if (!(error instanceof OddflowError)) throw error;
  say({ code: error.code, message: error.message });
} finally {
  parentPort?.close();
}
