import { workerData } from "node:worker_threads";
import {
  type AnswerPart,
  createLocalScoring,
  type RecordLimits,
  type ScoreQuery,
} from "@oddflow/edge-service";
import { createScorer, type Provider } from "@oddflow/inference/node";
import type { RuleSet } from "@oddflow/rules";
import { type Answered, answerOrders } from "../threads/answer-orders.ts";
import { OpenRequest } from "./open-request.ts";

/** What a serving thread is started with. */
export interface ServingStart {
  /** A model file's bytes. */
  readonly model: Uint8Array;
  /** That of a scorer that could be opened. */
  readonly provider: string;
  readonly limits: RecordLimits;
  /** What is said of alarms; absent where there are no rules. */
  readonly rules?: RuleSet | undefined;
  /** Of a model that sees flows in their context: by which the keys of what is read are made of names. */
  readonly hashKey: readonly [number, number] | undefined;
}

/** What a serving thread is told; requests have numbers. It answers when it has done it. */
export type ServingOrder =
  | { readonly kind: "open" }
  /** Has rules act on requests that come from now on. */
  | { readonly kind: "rules"; readonly rules: RuleSet }
  | PartOrder
  | ContextOrder
  | CloseOrder;

/** As `RequestScoring.score`. */
export interface PartOrder {
  readonly kind: "score";
  readonly request: number;
  /** With a request's first bytes. */
  readonly query: ScoreQuery | undefined;
  readonly bytes: Uint8Array | undefined;
  readonly isLast: boolean;
}

/** The context that was asked for, row-major `[flows, columns]`. */
interface ContextOrder {
  readonly kind: "context";
  readonly request: number;
  readonly columns: Float32Array<ArrayBuffer>;
}

/** Nobody wants the rest of a request's answer. */
interface CloseOrder {
  readonly kind: "close";
  readonly request: number;
}

/** To an order to score: a part, or what its context is to be counted from, for an order with that. */
export type ServingAnswer =
  | { readonly part: AnswerPart }
  | { readonly context: Float64Array<ArrayBuffer> }
  | undefined;

/*
 * A thread of `oddflow serve` that makes the bytes of bodies the bytes of answers. A run of the model blocks the thread that
 * calls it: here nobody waits but who asked for it. What the context of flows is counted from is read here, and counted where
 * the flows of all threads come together.
 */

const { model, provider, limits, rules, hashKey } = workerData as ServingStart;
const opening = createScorer(model, { provider: provider as Provider, threads: 1 }).then((scorer) =>
  createLocalScoring(scorer, {
    limits,
    rules,
    gathers: true,
    // Counted where the flows of all threads come together: each request brings its own way there.
    context: hashKey && { hashKey },
  }),
);
// What is wrong with the model is thrown for the order to open it.
opening.catch(() => undefined);
const requests = new Map<number, OpenRequest>();

answerOrders<ServingOrder, ServingAnswer>(act, { sideBySide: true });

async function act(order: ServingOrder): Promise<Answered<ServingAnswer>> {
  const scoring = await opening;
  if (order.kind === "rules") scoring.changeRules(order.rules);
  if (order.kind === "open" || order.kind === "rules") return { answer: undefined };
  const { request } = order;
  if (order.kind === "score" && order.query !== undefined) {
    requests.set(request, new OpenRequest(scoring, order.query));
  }
  const open = requests.get(request);
  if (open === undefined) return { answer: undefined };
  if (order.kind === "close") {
    open.close();
    requests.delete(request);
    return { answer: undefined };
  }
  const answer = await (order.kind === "score" ? open.score(order) : open.goOn(order.columns));
  if ("context" in answer) return { answer, moved: [answer.context.buffer] };
  if (answer.part.wants === "nothing") requests.delete(request);
  return { answer, moved: [answer.part.answer.buffer] };
}
