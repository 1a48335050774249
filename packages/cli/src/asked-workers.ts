import { receivedError, type WorkerReport } from "./scoring-messages.ts";
import type { ContextOrder, InputsOrder } from "./scoring-task.ts";
import { endWorkers, type WorkerPool, type WorkerProcess } from "./scoring-workers.ts";

/** What a worker answers to what it is asked before it scores. */
type Answer = Extract<WorkerReport, { kind: "inputs" | "counted" }>;

/** A worker that is asked, and answers in the order in which it was. */
export class AskedWorker {
  readonly #worker: WorkerProcess;
  readonly #onFailure: (thrown: unknown) => void;
  readonly #waiting: { take(answer: Answer): void; fail(thrown: unknown): void }[] = [];
  #failure: { readonly thrown: unknown } | undefined;

  constructor(worker: WorkerProcess, onFailure: (thrown: unknown) => void) {
    this.#worker = worker;
    this.#onFailure = onFailure;
    worker.onMessage((message) => {
      if (message.kind === "failed") this.#failAll(receivedError(message.failure));
      else if (message.kind !== "scored") this.#waiting.shift()?.take(message);
    });
    worker.ended.then((thrown) =>
      this.#failAll(thrown ?? new Error("score: a worker ended before it had answered")),
    );
  }

  /** @throws what the worker throws, or why it ended */
  ask(order: InputsOrder): Promise<Extract<Answer, { kind: "inputs" }>>;
  ask(order: ContextOrder): Promise<Extract<Answer, { kind: "counted" }>>;
  ask(order: InputsOrder | ContextOrder): Promise<Answer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.thrown);
    const answer = new Promise<Answer>((take, fail) => this.#waiting.push({ take, fail }));
    this.#worker.send(order);
    return answer;
  }

  #failAll(thrown: unknown): void {
    this.#failure ??= { thrown };
    for (const { fail } of this.#waiting.splice(0)) fail(thrown);
    this.#onFailure(thrown);
  }
}

/** Works with workers; these have ended when it throws. @param work its signal is aborted as soon as a worker or it itself fails */
export async function askingWorkers<T>(
  pool: WorkerPool,
  signal: AbortSignal,
  work: (workers: readonly AskedWorker[], failing: AbortSignal) => Promise<T>,
): Promise<T> {
  const failing = new AbortController();
  const stop = (): void => {
    failing.abort(signal.reason);
    // Nobody waits for what is theirs alone to answer.
    void endWorkers(pool);
  };
  signal.addEventListener("abort", stop);
  try {
    signal.throwIfAborted();
    const workers = pool.workers.map((worker) => new AskedWorker(worker, (thrown) => failing.abort(thrown)));
    return await work(workers, failing.signal);
  } catch (thrown) {
    failing.abort();
    await endWorkers(pool);
    signal.throwIfAborted();
    throw thrown;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
