import { createScorer, type Scorer } from "@oddflow/inference/node";
import type { ContextSpec } from "@oddflow/preprocessing";
import { countContext, type FlowTable, openTable } from "@oddflow/tables";
import { scoreShard } from "./score-shard.ts";
import { type OrderMessage, sentError, type WorkerReport } from "./scoring-messages.ts";
import type { ContextOrder, ShardOrder } from "./scoring-task.ts";

/*
 * A worker of `scoreInParallel`: a process with a database connection and a session of its own, of one thread each, which
 * share nothing with those of the other workers. It opens the table while the main process still looks at it, counts the context of
 * a stretch of time where the model sees one, and scores one shard after the other.
 */

/** Flows between two messages about progress. */
const PROGRESS_FLOWS = 32_768;

const ending = new AbortController();
const orders: (ContextOrder | ShardOrder)[] = [];
let opening: Promise<FlowTable> | undefined;
let model: Uint8Array | undefined;
let wake = (): void => {};
let unsaid = 0;

process.on("message", (order: OrderMessage) => {
  switch (order.kind) {
    case "table":
      opening = openTable(order.flows, { threads: 1, from: order.from });
      // Whatever is wrong with the files is said when a shard of them is asked for: the main process opens them, too.
      opening.catch(() => undefined);
      break;
    case "model":
      model = order.model;
      break;
    case "context":
    case "shard":
      orders.push(order);
      break;
    case "end":
      ending.abort();
  }
  wake();
});
// A terminal's Ctrl-C comes to all processes; the main one says when to end, or is no more.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
process.on("disconnect", () => process.exit());

try {
  await work();
} catch (error) {
  await say({ kind: "failed", failure: sentError(error) });
} finally {
  if (process.connected) process.disconnect();
}

function say(message: WorkerReport): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}

function onScored(count: number): void {
  unsaid += count;
  if (unsaid < PROGRESS_FLOWS) return;
  void say({ kind: "progress", flows: unsaid });
  unsaid = 0;
}

async function work(): Promise<void> {
  let scorer: Scorer | undefined;
  try {
    while (!ending.signal.aborted) {
      if (model !== undefined) scorer ??= await createScorer(model, { provider: "cpu", threads: 1 });
      const order = scorer && opening && orders.shift();
      if (scorer === undefined || opening === undefined || order === undefined) {
        await new Promise<void>((resolve) => (wake = resolve));
        continue;
      }
      const table = await opening;
      if (order.kind === "context") {
        // Only a model that sees context has any counted.
        const spec = scorer.context as ContextSpec;
        const ranges = await countContext(table, spec, order.slice, ending.signal);
        void say({ kind: "counted", ranges });
        continue;
      }
      const finished = await scoreShard(table, scorer, order, { signal: ending.signal, onScored });
      void say({ kind: "scored", shard: order.shard, ...finished });
    }
  } finally {
    await opening?.then(
      (table) => table.close(),
      () => undefined,
    );
    await scorer?.close();
  }
}
