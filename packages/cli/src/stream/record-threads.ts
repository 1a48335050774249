import { type ContextEncoder, countFlows } from "@oddflow/preprocessing";
import type { JoinedValues, ValueScoring } from "@oddflow/stream";
import { bundledProgram } from "../bundled-program.ts";
import type { FlowCounts } from "../pipe/piece-scorer.ts";
import { SpareBuffers } from "../threads/spare-buffers.ts";
import { WorkingThread } from "../threads/working-thread.ts";
import type { RecordAnswer, RecordOrder, RecordThreadData, ScoredRecords } from "./record-orders.ts";

/** Batches of a thread: one that is scored, and one that is read meanwhile or waits. */
const BATCHES_PER_THREAD = 2;

interface RecordThread {
  readonly working: WorkingThread<RecordOrder, RecordAnswer>;
  batches: number;
}

/** Threads that score records side by side. A flow's context is counted here, in the order in which batches come. */
export class RecordThreads implements ValueScoring {
  readonly batchesAtOnce: number;
  readonly spare: SpareBuffers;
  readonly #threads: readonly RecordThread[];
  readonly #context: ContextEncoder | undefined;
  readonly #onScored: (counts: FlowCounts, leftOut: Iterable<string>) => void;
  /** For contexts, which are small. */
  readonly #contextSpare = new SpareBuffers();
  readonly #scoring = new Set<Promise<unknown>>();
  #counted: Promise<unknown> = Promise.resolve();

  /** @param spare of records, to and fro */
  constructor(
    threads: number,
    data: RecordThreadData,
    context: ContextEncoder | undefined,
    onScored: (counts: FlowCounts, leftOut: Iterable<string>) => void,
    spare: SpareBuffers = new SpareBuffers(),
  ) {
    const program = bundledProgram("record-thread");
    this.#threads = Array.from({ length: threads }, () => ({
      working: new WorkingThread(program, data),
      batches: 0,
    }));
    this.batchesAtOnce = BATCHES_PER_THREAD * threads;
    this.#context = context;
    this.spare = spare;
    this.#onScored = onScored;
  }

  score(values: JoinedValues): Promise<ScoredRecords> {
    const scoring = this.#score(values);
    const over = scoring.catch(() => undefined).finally(() => this.#scoring.delete(over));
    this.#scoring.add(over);
    return scoring;
  }

  /** Ends when nothing is being scored. */
  async idle(): Promise<void> {
    await Promise.all(this.#scoring);
  }

  async #score(records: JoinedValues): Promise<ScoredRecords> {
    const thread = this.#threads.reduce((least, other) => (other.batches < least.batches ? other : least));
    thread.batches++;
    try {
      const read = thread.working.do({ kind: "read", records }, [records.bytes.buffer, records.ends.buffer]);
      const scored = await (this.#context ? this.#count(thread, read, this.#context) : read);
      if (scored.kind !== "scored") throw new Error("stream: a thread did not score what it had read");
      this.#onScored(scored.counts, scored.leftOut.values());
      return scored;
    } finally {
      thread.batches--;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ working }) => working.close()));
  }

  async #count(
    thread: RecordThread,
    read: Promise<RecordAnswer>,
    context: ContextEncoder,
  ): Promise<RecordAnswer> {
    const before = this.#counted;
    const counted = (async () => {
      await before;
      const answer = await read;
      if (answer.kind !== "read") return { scored: Promise.resolve(answer) };
      const values = countFlows(context, answer.contextFlows, (bytes) => this.#contextSpare.take(bytes));
      this.#contextSpare.give(answer.contextFlows.buffer);
      const scored = thread.working.do({ kind: "score", context: values }, [values.buffer]);
      scored.catch(() => undefined);
      return { scored };
    })();
    // What is thrown for a batch is not thrown for those behind it.
    this.#counted = counted.catch(() => undefined);
    return (await counted).scored;
  }
}
