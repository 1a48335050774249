import { type ContextEncoder, countFlows } from "@oddflow/preprocessing";
import { bundledProgram } from "../bundled-program.ts";
import type { SpareBuffers } from "../threads/spare-buffers.ts";
import { WorkingThread } from "../threads/working-thread.ts";
import type { ScoringLoad } from "./gathered-pieces.ts";
import type { PieceAnswer, PieceOrder, PieceThreadData, ThreadScored } from "./piece-orders.ts";

/** Pieces of a thread: one that waits for its context or is being scored, and one that is read meanwhile. */
const PIECES_PER_THREAD = 2;

interface PieceThread {
  readonly working: WorkingThread<PieceOrder, PieceAnswer>;
  /** Pieces that it has and that are not written yet. */
  pieces: number;
}

/** What becomes of pieces; it is asked and told in their order. */
export interface PieceFates {
  /** The form of lines that the stream has by now. */
  form(): string | undefined;
  /** How many flows have been scored. */
  flows(): number;
  take(scored: ThreadScored): Promise<void>;
  /** Scores a piece in which something is wrong or ends the form of lines, or that comes after such a one. */
  scoreHere(piece: Uint8Array): Promise<void>;
}

/** When a piece is done with: what it adds to the context is counted, and it is written. */
interface PieceEnd {
  readonly counted: Promise<unknown>;
  readonly written: Promise<void>;
}

/**
 * Threads that read, score and write pieces of a stream side by side, whole lines each. What hangs on what came before is not
 * theirs: a flow's context is counted here, in order, between their reading and their scoring, and a piece in which something
 * is wrong or ends the form of the lines is given back.
 */
export class PieceThreads {
  readonly #threads: readonly PieceThread[];
  readonly #context: ContextEncoder | undefined;
  readonly #fates: PieceFates;
  readonly #look: () => void;
  readonly #spare: SpareBuffers;
  #form: string | undefined;
  /** Pieces that are not written yet, and flows in them whose context is counted. */
  #pieces = 0;
  #flowsAhead = 0;
  #last: PieceEnd = { counted: Promise.resolve(), written: Promise.resolve() };
  #failure: { readonly thrown: unknown } | undefined;

  /**
   * @param spare memory of pieces that are written is given to it
   * @param look is called when the load may have become less
   */
  constructor(
    threads: number,
    data: PieceThreadData,
    context: ContextEncoder | undefined,
    fates: PieceFates,
    spare: SpareBuffers,
    look: () => void,
  ) {
    const program = bundledProgram("piece-thread");
    this.#threads = Array.from({ length: threads }, () => ({
      working: new WorkingThread(program, data),
      pieces: 0,
    }));
    this.#context = context;
    this.#fates = fates;
    this.#spare = spare;
    this.#look = look;
  }

  /** The form of lines that they read; undefined until they have begun. */
  get form(): string | undefined {
    return this.#form;
  }

  /** @throws what was thrown for the first piece that could not be scored */
  get load(): ScoringLoad {
    if (this.#failure !== undefined) throw this.#failure.thrown;
    if (this.#pieces === 0) return "free";
    return this.#pieces < PIECES_PER_THREAD * this.#threads.length ? "busy" : "full";
  }

  /** Brings them to a form. @param start bytes that brought the stream to it, with a flow in them */
  async begin(start: Uint8Array, form: string): Promise<void> {
    this.#form = undefined;
    try {
      const begun = await Promise.all(
        this.#threads.map(({ working }) => working.do({ kind: "begin", start })),
      );
      if (begun.every((answer) => answer.kind === "begun" && answer.form === form)) this.#form = form;
    } catch (thrown) {
      this.#failure ??= { thrown };
    }
    this.#look();
  }

  /** Has a piece scored, which is theirs from now on. */
  add(piece: Uint8Array<ArrayBuffer>): void {
    const thread = this.#threads.reduce((least, other) => (other.pieces < least.pieces ? other : least));
    const answer = thread.working.do({ kind: "read", piece }, [piece.buffer]);
    const before = this.#last;
    const read = this.#context && this.#count(thread, answer, before, this.#context);
    const written = (read ? read.then((own) => this.#write(own.scored, before)) : this.#write(answer, before))
      .catch((thrown: unknown) => {
        this.#failure ??= { thrown };
        throw thrown;
      })
      .finally(() => {
        this.#pieces--;
        thread.pieces--;
        this.#look();
      });
    this.#pieces++;
    thread.pieces++;
    this.#last = { counted: read ?? before.counted, written };
    // What they throw is thrown by `load` and `idle`, in the order of the pieces.
    for (const promise of [answer, this.#last.counted, written]) promise.catch(() => undefined);
  }

  /** Waits until all pieces are written. @throws what was thrown for the first that could not be scored */
  async idle(): Promise<void> {
    await this.#last.written;
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ working }) => working.close()));
  }

  /** Counts the context of a piece's flows, and has it scored; gives it back where it cannot be, when those before are written. */
  async #count(
    thread: PieceThread,
    answer: Promise<PieceAnswer>,
    before: PieceEnd,
    context: ContextEncoder,
  ): Promise<{ readonly scored: Promise<PieceAnswer> }> {
    await before.counted;
    const read = await answer;
    if (read.kind !== "read" || this.#fates.form() !== this.#form) {
      const scored = read.kind === "read" ? thread.working.do({ kind: "give back" }) : answer;
      // What comes next is counted behind this one.
      await this.#write(scored, before);
      return { scored: Promise.resolve({ kind: "written" }) };
    }
    const values = countFlows(context, read.contextFlows, (bytes) => this.#spare.take(bytes));
    this.#spare.give(read.contextFlows.buffer);
    const firstFlow = this.#fates.flows() + this.#flowsAhead;
    this.#flowsAhead += values.length / context.width;
    const scored = thread.working.do({ kind: "score", context: values, firstFlow }, [values.buffer]);
    scored.catch(() => undefined);
    return { scored };
  }

  async #write(answer: Promise<PieceAnswer>, before: PieceEnd): Promise<void> {
    await before.written;
    const own = await answer;
    if (own.kind === "scored") {
      if (this.#context !== undefined) this.#flowsAhead -= own.counts.flows;
      if (this.#context !== undefined || this.#fates.form() === this.#form) {
        this.#spare.give(own.piece.buffer);
        return this.#fates.take(own);
      }
      return this.#fates.scoreHere(own.piece);
    }
    if (own.kind === "given back") await this.#fates.scoreHere(own.piece);
  }
}
