import { Worker } from "node:worker_threads";
import { OddflowError } from "@oddflow/preprocessing";
import { receivedError, type SentError } from "../scoring-messages.ts";
import { addRunning } from "./running-threads.ts";

/** What a thread answers to an order, by the order's number. */
export type ThreadAnswer<Answer> =
  | { readonly number: number; readonly answer: Answer }
  | { readonly number: number; readonly failure: SentError };

/**
 * Nearly all that a thread makes is garbage by its next order, so more room for it is taken and not needed: by itself V8 lets it
 * grow to 48 MB a thread in minutes, and works as fast with these.
 */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 12 };

/** Says that there are no more orders, and that those that wait are given up. */
export const END = "end";

/** Tells a thread to end as soon as it hears it. */
export const HALT = "halt";

/** An order on its way to a thread. */
export interface NumberedOrder<Order> {
  readonly number: number;
  readonly order: Order;
}

/** Who waits for an answer. */
interface Waiting<Answer> {
  resolve(answer: Answer): void;
  reject(thrown: unknown): void;
}

/** A thread that does one order after the other, in the order in which it gets them. */
export class WorkingThread<Order, Answer> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting<Answer>>();
  #ordered = 0;
  #hasExited = false;
  /** Why it does no more; undefined while it works. */
  #ended: { readonly thrown: unknown } | undefined;
  #onEnd: (thrown: unknown) => void = () => {};

  /** @param data what the program begins with, its `workerData` */
  constructor(program: URL, data: unknown) {
    this.#worker = new Worker(program, { workerData: data, resourceLimits: RESOURCE_LIMITS });
    const forget = addRunning(this);
    this.#worker.on("message", (message: ThreadAnswer<Answer>) => this.#take(message));
    this.#worker.on("error", (thrown) => this.#end(isOutOfMemory(thrown) ? lost(thrown) : thrown));
    this.#worker.on("exit", () => {
      this.#hasExited = true;
      forget();
      this.#end(new Error("score: a thread ended before it was told to"));
    });
    // What was ordered keeps the process alive, an idle thread does not. After the listeners, which would undo it.
    this.#worker.unref();
  }

  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** Hears why it does no more, once; when it was closed, too. */
  onEnd(listener: (thrown: unknown) => void): void {
    this.#onEnd = listener;
  }

  /**
   * @param moved buffers of the order that are the thread's from now on
   * @throws what the program throws for the order; OddflowError WORKER_LOST where the thread ended for want of memory
   */
  do(order: Order, moved: readonly ArrayBuffer[] = []): Promise<Answer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended.thrown);
    const number = this.#ordered++;
    const answer = new Promise<Answer>((resolve, reject) => this.#waiting.set(number, { resolve, reject }));
    if (this.#waiting.size === 1) this.#worker.ref();
    this.#worker.postMessage({ number, order } satisfies NumberedOrder<Order>, moved);
    return answer;
  }

  /**
   * Ends it when it has done with the order that it is at; those behind are given up. Not in the middle of one: onnxruntime's
   * binding ends the whole process when its thread is ended meanwhile.
   */
  async close(): Promise<void> {
    this.#end(new Error("score: a thread was ended before it had done its work"));
    await this.#exit(END);
  }

  /** Ends it as soon as it is in no run of the model; whoever waits for an answer waits for ever. */
  async halt(): Promise<void> {
    this.#ended ??= { thrown: new Error("score: a thread was halted") };
    this.#waiting.clear();
    await this.#exit(HALT);
  }

  async #exit(order: typeof END | typeof HALT): Promise<void> {
    if (this.#hasExited) return;
    // Not by `once`, which fails where the thread does, before it has ended.
    const exit = new Promise<void>((resolve) => this.#worker.on("exit", () => resolve()));
    this.#worker.ref();
    this.#worker.postMessage(order);
    await exit;
  }

  #take(message: ThreadAnswer<Answer>): void {
    const waiting = this.#waiting.get(message.number);
    // An answer to an order that was given up: `close` waits for the thread, which has to keep the process alive.
    if (waiting === undefined) return;
    this.#waiting.delete(message.number);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ("failure" in message) waiting.reject(receivedError(message.failure));
    else waiting.resolve(message.answer);
  }

  #end(thrown: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = { thrown };
    for (const { reject } of this.#waiting.values()) reject(thrown);
    this.#waiting.clear();
    this.#onEnd(thrown);
  }
}

function isOutOfMemory(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ERR_WORKER_OUT_OF_MEMORY";
}

function lost(cause: unknown): OddflowError {
  return new OddflowError(
    "WORKER_LOST",
    "score: one of the threads that share the work ran out of memory; score again with fewer, --threads 1 for none",
    { cause },
  );
}
