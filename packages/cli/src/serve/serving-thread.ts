import { workerData } from "node:worker_threads";
import {
  type AnswerPart,
  createLocalScoring,
  type RecordLimits,
  type RequestScoring,
  type ScoreQuery,
} from "@oddflow/edge-service";
import type { Provider } from "@oddflow/inference";
import { createScorer } from "@oddflow/inference/node";
import { type Answered, answerOrders } from "../threads/answer-orders.ts";

/** What a serving thread is started with. */
export interface ServingStart {
  /** A model file's bytes. */
  readonly model: Uint8Array;
  readonly provider: Provider;
  readonly limits: RecordLimits;
}

/** What a serving thread is told; requests have numbers. It answers when it has done it. */
export type ServingOrder =
  | { readonly kind: "open" }
  | PartOrder
  /** Nobody wants the rest of a request's answer. */
  | { readonly kind: "close"; readonly request: number };

/** As `RequestScoring.score`. */
export interface PartOrder {
  readonly kind: "score";
  readonly request: number;
  /** With a request's first bytes. */
  readonly query: ScoreQuery | undefined;
  readonly bytes: Uint8Array | undefined;
  readonly isLast: boolean;
}

/** To an order to score. */
export type ServingAnswer = AnswerPart | undefined;

/*
 * A thread of `oddflow serve` that makes the bytes of bodies the bytes of answers. A run of the model blocks the thread that
 * calls it: here nobody waits but who asked for it.
 */

const { model, provider, limits } = workerData as ServingStart;
const opening = createScorer(model, { provider, threads: 1 }).then((scorer) =>
  createLocalScoring(scorer, { limits, gathers: true }),
);
// What is wrong with the model is thrown for the order to open it.
opening.catch(() => undefined);
const requests = new Map<number, RequestScoring>();

answerOrders<ServingOrder, ServingAnswer>(act, { sideBySide: true });

async function act(order: ServingOrder): Promise<Answered<ServingAnswer>> {
  const scoring = await opening;
  if (order.kind === "score") {
    const { request, query, bytes, isLast } = order;
    if (query !== undefined) requests.set(request, scoring.open(query));
    const part = await requests.get(request)?.score(bytes, isLast);
    if (part?.wants === "nothing") requests.delete(request);
    return { answer: part, moved: part === undefined ? [] : [part.answer.buffer] };
  }
  if (order.kind === "close") {
    requests.get(order.request)?.close();
    requests.delete(order.request);
  }
  return { answer: undefined };
}
