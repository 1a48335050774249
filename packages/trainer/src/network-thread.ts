import { parentPort, workerData } from "node:worker_threads";
import { OddflowError } from "@oddflow/preprocessing";
import { trainDetectorNetwork } from "./detector-network.ts";
import {
  HALT_TRAINING,
  type INTERRUPT,
  type NetworkThreadStart,
  type ThreadMessage,
} from "./network-messages.ts";
import { createOnnxEngine } from "./onnx-engine/onnx-engine.ts";

/*
 * A thread that trains one network, on one core.
 */

const { task, isInterrupted } = workerData as NetworkThreadStart;
const interrupted = new AbortController();
if (isInterrupted) interrupted.abort();
const say = (message: ThreadMessage): void => parentPort?.postMessage(message);
parentPort?.on("message", (message: typeof HALT_TRAINING | typeof INTERRUPT) => {
  if (message === HALT_TRAINING) process.exit();
  interrupted.abort();
});
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
