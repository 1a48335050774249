import { workerData } from "node:worker_threads";
import { createScorer } from "@oddflow/inference/node";
import { answerOrders } from "./answer-orders.ts";

/** What a thread scores with. */
export interface ThreadModel {
  /** A model file's bytes. */
  readonly model: Uint8Array;
}

/** Flows for a thread to score. */
export interface FlowsOrder {
  /** Row-major `[flows, columns]`. */
  readonly flows: Float32Array;
  /** Whether the columns' errors are wanted. */
  readonly errors: boolean;
  /** The first flow's number where the flows came from. */
  readonly firstRow: number;
}

/** As `Scores`. */
export interface FlowsScores {
  readonly scores: Float32Array;
  readonly errors?: Float32Array;
}

/*
 * A thread of `scoreInThreads`.
 */

const { model } = workerData as ThreadModel;
const opening = createScorer(model, { provider: "cpu", threads: 1 });
// What is wrong with the model is thrown for the first order.
opening.catch(() => undefined);

answerOrders<FlowsOrder, FlowsScores>(async ({ flows, errors: wanted, firstRow }) => {
  const scorer = await opening;
  const { scores, errors } = await scorer.score(flows, { errors: wanted, firstRow });
  const moved = [scores, ...(errors ? [errors] : [])].map(({ buffer }) => buffer as ArrayBuffer);
  return { answer: { scores, ...(errors ? { errors } : {}) }, moved };
});
