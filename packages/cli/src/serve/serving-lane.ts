import type { AnswerPart } from "@oddflow/edge-service";
import type { RuleSet } from "@oddflow/rules";
import { WorkingThread } from "../threads/working-thread.ts";
import type { ServingContext } from "./serving-context.ts";
import type { PartOrder, ServingAnswer, ServingOrder, ServingStart } from "./serving-thread.ts";

/** Parts of at most so many bytes do not queue behind larger ones: they are scored together, in less time than one of those. */
const SMALL_BYTES = 16 * 1024;

/** So many larger parts are with the thread at a time: one for it to find when it has done with the other. */
const LARGE_AT_ONCE = 2;

/** What a part without bytes counts as: a batch of what the thread has. */
const BATCH_BYTES = 64 * 1024;

interface Task {
  readonly order: PartOrder;
  readonly bytes: number;
  resolve(part: AnswerPart): void;
  reject(error: unknown): void;
}

/** A serving thread, and what waits for it. */
export class ServingLane {
  /** Ends when the thread scores; rejects when it cannot. */
  readonly opened: Promise<unknown>;
  readonly #thread: WorkingThread<ServingOrder, ServingAnswer>;
  readonly #context: ServingContext | undefined;
  #queue: Task[] = [];
  #large = 0;
  #bytes = 0;

  /** @param onEnd hears why the thread does no more */
  constructor(
    program: URL,
    start: ServingStart,
    context: ServingContext | undefined,
    onEnd: (thrown: unknown) => void,
  ) {
    this.#context = context;
    this.#thread = new WorkingThread(program, start);
    this.#thread.onEnd(onEnd);
    this.opened = this.#thread.do({ kind: "open" });
    // It is for who looks at it.
    this.opened.catch(() => undefined);
  }

  /** How much it has to do, in bytes. */
  get load(): number {
    return this.#bytes;
  }

  get isIdle(): boolean {
    return this.#bytes === 0;
  }

  /** Gives a part that says so where the thread is no more. */
  async score(order: PartOrder): Promise<AnswerPart> {
    // A body may end without bytes: that is work, too.
    const bytes = Math.max(1, order.bytes?.length ?? BATCH_BYTES);
    this.#bytes += bytes;
    try {
      return await new Promise((resolve, reject) => {
        const task = { order, bytes, resolve, reject };
        if (bytes > SMALL_BYTES && this.#large >= LARGE_AT_ONCE) this.#queue.push(task);
        else void this.#give(task);
      });
    } finally {
      this.#bytes -= bytes;
    }
  }

  /** Nobody wants the rest of a request's answer. */
  close(request: number): void {
    const place = this.#queue.findIndex(({ order }) => order.request === request);
    if (place >= 0) for (const { resolve } of this.#queue.splice(place, 1)) resolve(unscoredPart());
    // A thread that is no more has nothing to close.
    this.#thread.do({ kind: "close", request }).catch(() => undefined);
  }

  /** Has rules act on requests that come from now on. */
  changeRules(rules: RuleSet): void {
    // One that is no more is replaced by one that begins with them.
    this.#thread.do({ kind: "rules", rules }).catch(() => undefined);
  }

  end(): Promise<void> {
    return this.#thread.close();
  }

  async #give({ order, bytes, resolve, reject }: Task): Promise<void> {
    const isLarge = bytes > SMALL_BYTES;
    if (isLarge) this.#large++;
    try {
      resolve((await this.#partOf(order)) ?? unscoredPart());
    } catch (error) {
      if (this.#thread.hasEnded) resolve(unscoredPart());
      else reject(error);
    }
    if (!isLarge) return;
    this.#large--;
    const next = this.#queue.shift();
    if (next !== undefined) void this.#give(next);
  }

  async #partOf(order: PartOrder): Promise<AnswerPart | undefined> {
    const turn = this.#context?.order.take();
    try {
      const bytes = order.bytes?.buffer;
      let answer = await this.#thread.do(order, bytes instanceof ArrayBuffer ? [bytes] : []);
      if (this.#context !== undefined && answer !== undefined && "context" in answer) {
        await turn?.come;
        const columns = this.#context.count(answer.context);
        turn?.end();
        const { request } = order;
        answer = await this.#thread.do({ kind: "context", request, columns }, [columns.buffer]);
      }
      return answer !== undefined && "part" in answer ? answer.part : undefined;
    } finally {
      turn?.end();
    }
  }
}

/** What a request gets that no thread scores: where its own is no more, it is told so. */
export function unscoredPart(): AnswerPart {
  const counts = {
    ...{ flows: 0, alerts: 0, missing: 0, batchSeconds: [] },
    ...{ unseen: new Map<string, number>(), suppressed: new Map<string, number>() },
    rejected: new Map<string, number>(),
  };
  return {
    answer: new Uint8Array(),
    ...{ records: 0, hasBegun: false, wants: "nothing", counts },
    problem: {
      kind: "unavailable",
      detail: "the thread that scored these records ended; send them again",
      extras: { headers: { "retry-after": "1" } },
    },
  };
}
