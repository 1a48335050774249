import { parentPort } from "node:worker_threads";
import { sentError } from "../scoring-messages.ts";
import { END, HALT, type NumberedOrder, type ThreadAnswer } from "./working-thread.ts";

/** An answer, and the buffers of it that go over to who gets it. */
export interface Answered<Answer> {
  readonly answer: Answer;
  readonly moved?: readonly ArrayBuffer[];
}

/**
 * The program of a `WorkingThread`: answers orders, one after the other, or all that have come side by side. What it throws is
 * thrown by `WorkingThread.do`.
 */
export function answerOrders<Order, Answer>(
  act: (order: Order) => Promise<Answered<Answer>>,
  { sideBySide = false }: { readonly sideBySide?: boolean } = {},
): void {
  let last: Promise<void> = Promise.resolve();
  let isEnding = false;
  parentPort?.on("message", (message: NumberedOrder<Order> | typeof END | typeof HALT) => {
    if (message === HALT) process.exit();
    if (message === END) {
      isEnding = true;
      last = last.then(() => parentPort?.close());
      return;
    }
    const { number, order } = message;
    const answer = (): Promise<Answered<Answer>> =>
      isEnding ? Promise.reject(new Error("score: the thread ends")) : act(order);
    const answering = sideBySide ? answer() : last.then(answer);
    last = answering.then(
      ({ answer, moved = [] }) =>
        parentPort?.postMessage({ number, answer } satisfies ThreadAnswer<Answer>, moved),
      (thrown: unknown) =>
        parentPort?.postMessage({ number, failure: sentError(thrown) } satisfies ThreadAnswer<Answer>),
    );
  });
}
