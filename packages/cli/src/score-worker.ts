import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { createScorer, type Scorer } from "@oddflow/inference/node";
import { openTable } from "@oddflow/tables";
import { scorePart } from "./score-part.ts";
import {
  asFailure,
  type OrderMessage,
  type PartOrder,
  type WorkerMessage,
  type WorkerStart,
} from "./scoring-messages.ts";

/*
 * A worker of `scoreInParallel`: one thread with a database connection and a session of its own, which share nothing with
 * those of the other workers. It opens the table while the main thread still looks at it, and scores one part after the
 * other.
 */

const { flows, progress } = workerData as WorkerStart;
const port = parentPort as MessagePort;
const say = (message: WorkerMessage): void => port.postMessage(message);
const onScored = (count: number): void => {
  Atomics.add(progress, 0, BigInt(count));
};

const ending = new AbortController();
const orders: PartOrder[] = [];
let model: Uint8Array | undefined;
let wake = (): void => {};
port.on("message", (order: OrderMessage) => {
  if (order === undefined) ending.abort();
  else if (order.kind === "model") model = order.model;
  else orders.push(order);
  wake();
});

try {
  await work();
} catch (error) {
  say({ kind: "failed", failure: asFailure(error) });
} finally {
  port.close();
}

async function work(): Promise<void> {
  const opening = openTable(flows, { threads: 1 });
  // Whatever is wrong with the files is said when a part of them is asked for: the main thread opens them, too.
  opening.catch(() => undefined);
  let scorer: Scorer | undefined;
  try {
    while (!ending.signal.aborted) {
      if (model !== undefined) scorer ??= await createScorer(model, { provider: "cpu", threads: 1 });
      const order = scorer && orders.shift();
      if (scorer === undefined || order === undefined) {
        await new Promise<void>((resolve) => (wake = resolve));
        continue;
      }
      const { part } = order;
      const finished = await scorePart(await opening, scorer, order, { signal: ending.signal, onScored });
      say({ kind: "scored", part, ...finished });
    }
  } finally {
    await opening.then(
      (table) => table.close(),
      () => undefined,
    );
    await scorer?.close();
  }
}
