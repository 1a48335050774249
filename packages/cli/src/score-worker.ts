import { createScorer, type Scorer } from "@oddflow/inference/node";
import type { ContextSpec } from "@oddflow/preprocessing";
import { countContext, countRuns, type FlowTable, openTable, readTextInputs } from "@oddflow/tables";
import { scoreShard } from "./score-shard.ts";
import { scoreTextShard } from "./score-text-shard.ts";
import { type OrderMessage, sentError, type WorkerReport } from "./scoring-messages.ts";
import type { ContextOrder, InputsOrder, ShardOrder } from "./scoring-task.ts";

/*
 * A worker of `scoreInParallel`: a process with a database connection and a session of its own, of one thread each, which
 * share nothing with those of the other workers. It opens the table while the main process still looks at it, counts the context of
 * a stretch of time where the model sees one, and scores one shard after the other.
 */

/** Flows between two messages about progress. */
const PROGRESS_FLOWS = 32_768;

const ending = new AbortController();
const orders: (InputsOrder | ContextOrder | ShardOrder)[] = [];
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
    case "inputs":
    case "context":
    case "shard":
    case "text":
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
      const order = scorer && orders.shift();
      if (scorer === undefined || order === undefined) {
        await new Promise<void>((resolve) => (wake = resolve));
        continue;
      }
      void say(await carriedOut(order, scorer));
    }
  } finally {
    await opening?.then(
      (table) => table.close(),
      () => undefined,
    );
    await scorer?.close();
  }
}

async function carriedOut(
  order: InputsOrder | ContextOrder | ShardOrder,
  scorer: Scorer,
): Promise<WorkerReport> {
  const options = { signal: ending.signal, onScored };
  // Only a model that sees context has any counted.
  const spec = scorer.context as ContextSpec;
  if (order.kind === "text")
    return { kind: "scored", shard: order.shard, ...(await scoreTextShard(scorer, order, options)) };
  if (order.kind === "inputs")
    return { kind: "inputs", inputs: await readTextInputs(order.text, { ...order, spec }) };
  if (order.kind === "context" && order.runs !== undefined)
    return { kind: "counted", ranges: await countRuns(order.runs, spec, order.slice, ending.signal) };
  if (opening === undefined) throw new Error("score: a worker was to score a table that it had not opened");
  const table = await opening;
  if (order.kind === "shard")
    return { kind: "scored", shard: order.shard, ...(await scoreShard(table, scorer, order, options)) };
  return { kind: "counted", ranges: await countContext(table, spec, order.slice, ending.signal) };
}
