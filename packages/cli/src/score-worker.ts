import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { createScorer, type Scorer } from "@oddflow/inference/node";
import { createScoredPartWriter, type FlowTable, openTable } from "@oddflow/tables";
import { type ScoreTableSummary, scoreTable } from "./score-table.ts";
import { scoredBatch } from "./scored-batch.ts";
import { asFailure, type OrderMessage, type PartOrder, type WorkerMessage } from "./scoring-messages.ts";

/*
 * A worker of `scoreInParallel`, started with a model file's bytes: one thread with a database connection and a session of its own, which share nothing with
 * those of the other workers. It scores one part after the other.
 */

/** Rows between two messages about progress. */
const PROGRESS_ROWS = 16_384;

const model = workerData as Uint8Array;
const port = parentPort as MessagePort;
const say = (message: WorkerMessage): void => port.postMessage(message);

const ending = new AbortController();
const orders: PartOrder[] = [];
let wake = (): void => {};
port.on("message", (order: OrderMessage) => {
  if (order === undefined) ending.abort();
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
  const scorer = await createScorer(model, { provider: "cpu", threads: 1 });
  let table: FlowTable | undefined;
  try {
    while (!ending.signal.aborted) {
      const order = orders.shift();
      if (order === undefined) {
        await new Promise<void>((resolve) => (wake = resolve));
        continue;
      }
      table ??= await openTable(order.task.paths, { threads: 1 });
      say({ kind: "scored", part: order.part, summary: await scorePart(table, scorer, order) });
    }
  } finally {
    table?.close();
    await scorer.close();
  }
}

async function scorePart(
  table: FlowTable,
  scorer: Scorer,
  { task, part, range, firstRow, path }: PartOrder,
): Promise<ScoreTableSummary> {
  const isFirst = part === 0;
  const writer = await createScoredPartWriter(table, { ...task.output, range, part: path, isFirst });
  const interrupt = (): void => writer.interrupt();
  ending.signal.addEventListener("abort", interrupt);
  let before = 0;
  try {
    const summary = await scoreTable(table, scorer, {
      ...task,
      part: { range, firstRow },
      signal: ending.signal,
      onScores: (scored) => writer.write(scoredBatch(scored)),
      onProgress: (flows) => {
        if (flows - before < PROGRESS_ROWS) return;
        say({ kind: "progress", flows: flows - before });
        before = flows;
      },
    });
    await writer.finish();
    return summary;
  } finally {
    ending.signal.removeEventListener("abort", interrupt);
    writer.close();
  }
}
