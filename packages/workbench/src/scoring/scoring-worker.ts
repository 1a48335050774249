import type {
  Failure,
  Progress,
  QuestionKind,
  QuestionMessage,
  Questions,
  WorkerMessage,
} from "./messages.ts";

/** A failure that a worker reported: a refusal has a code, anything else is a bug. */
export class ScoringFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (failure: ScoringFailure) => void;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/** The page's end of a worker that reads and scores one table and answers questions about it. */
export class ScoringWorker {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;

  constructor() {
    this.#worker.addEventListener("message", ({ data }: MessageEvent<WorkerMessage>) => this.#receive(data));
    this.#worker.addEventListener("error", (event) => {
      // Without a message the script itself could not be loaded.
      const message = event.message || "the page's worker could not be started; reload the page";
      for (const { reject } of this.#waiting.values())
        reject(new ScoringFailure({ message, trace: message }));
      this.#waiting.clear();
    });
  }

  /** @throws ScoringFailure */
  ask<Kind extends QuestionKind>(
    kind: Kind,
    question: Questions[Kind]["question"],
    onProgress?: (progress: Progress) => void,
  ): Promise<Questions[Kind]["answer"]> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, {
        resolve: (answer) => resolve(answer as Questions[Kind]["answer"]),
        reject,
        onProgress,
      });
      const message: QuestionMessage = { id, kind, question };
      this.#worker.postMessage(message);
    });
  }

  /** Ends the worker, whatever it is doing. Questions that wait are never answered. */
  end(): void {
    this.#worker.terminate();
    this.#waiting.clear();
  }

  #receive(message: WorkerMessage): void {
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    if ("progress" in message) {
      waiting.onProgress?.(message.progress);
      return;
    }
    this.#waiting.delete(message.id);
    if ("failure" in message) waiting.reject(new ScoringFailure(message.failure));
    else waiting.resolve(message.answer);
  }
}
