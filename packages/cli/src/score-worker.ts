import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { createScorer, type Scorer } from "@oddflow/inference/node";
import { OddflowError } from "@oddflow/preprocessing";
import { createScoredPartWriter, type FlowTable, openTable, type WrittenPart } from "@oddflow/tables";
import { type ScoreTableSummary, scoreTable } from "./score-table.ts";
import { scoredBatch } from "./scored-batch.ts";
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
      const { summary, written } = await scorePart(await opening, scorer, order);
      say({ kind: "scored", part, summary, written });
    }
  } finally {
    await opening.then(
      (table) => table.close(),
      () => undefined,
    );
    await scorer?.close();
  }
}

async function scorePart(
  table: FlowTable,
  scorer: Scorer,
  { task, part, range, firstRow, target }: PartOrder,
): Promise<{ readonly summary: ScoreTableSummary; readonly written: WrittenPart }> {
  if (table.paths.join("\n") !== task.paths.join("\n")) {
    throw new OddflowError(
      "TABLE_UNREADABLE",
      "score: files came or went while they were looked for; score them again",
    );
  }
  const isFirst = part === 0;
  const writer = await createScoredPartWriter(table, { ...task.output, range, target, isFirst });
  const interrupt = (): void => writer.interrupt();
  ending.signal.addEventListener("abort", interrupt);
  try {
    const summary = await scoreTable(table, scorer, {
      ...task,
      part: { range, firstRow },
      signal: ending.signal,
      onScores: (scored) => {
        writer.write(scoredBatch(scored));
        Atomics.add(progress, 0, BigInt(scored.scores.length));
      },
    });
    return { summary, written: await writer.finish() };
  } finally {
    ending.signal.removeEventListener("abort", interrupt);
    writer.close();
  }
}
