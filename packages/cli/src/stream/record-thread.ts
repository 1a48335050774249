import { workerData } from "node:worker_threads";
import { createScorer } from "@oddflow/inference/node";
import { PackedContext } from "../pipe/packed-context.ts";
import { type Answered, answerOrders } from "../threads/answer-orders.ts";
import { SpareBuffers } from "../threads/spare-buffers.ts";
import type { RecordAnswer, RecordOrder, RecordThreadData, ScoredRecords } from "./record-orders.ts";
import { RecordScorer } from "./record-scorer.ts";
import { asJson } from "./record-texts.ts";

/* A thread of `RecordThreads`: reads, scores and writes records, each for itself. */

const { model, options, hashKey } = workerData as RecordThreadData;
const opening = open();
// What is wrong with the model is thrown for the first order.
opening.catch(() => undefined);
const spare = new SpareBuffers();
/** Records that wait for their context, in the order in which they were read. */
const waiting: ReturnType<RecordScorer["read"]>[] = [];

answerOrders<RecordOrder, RecordAnswer>(async (order) => {
  const { scorer, packed } = await opening;
  if (order.kind === "score") {
    const records = waiting.shift() as (typeof waiting)[number];
    scorer.addContext(records, order.context);
    spare.give(order.context.buffer);
    return answered(await scorer.score(records));
  }
  const records = scorer.read(asJson(order.records));
  if (packed === undefined) return answered(await scorer.score(records));
  const contextFlows = packed.take(spare);
  waiting.push(records);
  return { answer: { kind: "read", contextFlows }, moved: [contextFlows.buffer] };
});

async function open(): Promise<{
  readonly scorer: RecordScorer;
  readonly packed: PackedContext | undefined;
}> {
  const opened = await createScorer(model, { provider: "cpu", threads: 1 });
  const packed = opened.context && hashKey && new PackedContext(opened.context, hashKey);
  return { scorer: new RecordScorer(opened, options, packed), packed };
}

function answered(scored: ScoredRecords): Answered<RecordAnswer> {
  const { bytes, ends } = scored.written;
  return { answer: scored, moved: [bytes.buffer, ends.buffer] };
}
