import type { SpareBuffers } from "../threads/spare-buffers.ts";

/** What comes next: bytes, another file, or nothing more, with which the last record ends. */
export type StreamPiece = Uint8Array | "next file" | "end";

/** Pieces that were gathered, in a buffer of their own. */
export type GatheredPiece = Uint8Array<ArrayBuffer> | "next file" | "end";

/** Whether there is somebody to score what has come: "free", at once; "busy", beside what is being scored; "full", not now. */
export type ScoringLoad = "free" | "busy" | "full";

/** So many bytes are scored together: some hundred flows, with which the model takes least time for each. */
const BATCH_BYTES = 1 << 19;

/** What a pipe holds: where less has come, its writer has waited for us and has no more to say for now. */
export const PIPE_BYTES: number = 1 << 16;

const LINE_FEED = 10;

/**
 * Gathers the pieces of a stream while those before are being scored. A piece of a slow stream is given at once, of a fast one
 * many together; none waits longer than `maxLatency` once somebody has time for it. It reads on only while less than two
 * batches wait.
 */
export class GatheredPieces {
  readonly #maxLatency: number;
  readonly #spare: SpareBuffers;
  /** What is behind the last line that was given. */
  #rest = new Uint8Array();
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  /** When the first of the pieces came. */
  #since = 0;
  /** What comes behind the pieces. */
  #next: "next file" | "end" | "nothing" | { readonly thrown: unknown } | undefined;
  #wake = (): void => undefined;
  #makeRoom = (): void => undefined;

  /**
   * @param maxLatency in milliseconds
   * @param spare memory to gather pieces in
   */
  constructor(pieces: AsyncIterable<StreamPiece>, maxLatency: number, spare: SpareBuffers) {
    this.#maxLatency = maxLatency;
    this.#spare = spare;
    void this.#gather(pieces);
  }

  /**
   * Waits for what is to be scored next. Without `cutsLines` all that came is given, else whole lines where there are some.
   * @param load is asked again whenever `look` was called
   * @returns undefined when all has been given
   * @throws what the pieces throw, behind what came before it
   */
  async next(load: () => ScoringLoad, cutsLines: () => boolean): Promise<GatheredPiece | undefined> {
    for (;;) {
      const now = load();
      const isLast = this.#next !== undefined;
      if (now !== "full") {
        const waits = this.#bytes > 0 || (this.#rest.length > 0 && (isLast || !cutsLines()));
        if (waits && (isLast || this.#isDue(now))) return this.#take(!isLast && cutsLines());
        if (!waits && isLast) return this.#takeMark();
      }
      await this.#change(now);
    }
  }

  /** Has the load asked again. */
  look(): void {
    this.#wake();
  }

  #isDue(load: ScoringLoad): boolean {
    if (this.#bytes >= BATCH_BYTES || performance.now() - this.#since >= this.#maxLatency) return true;
    return load === "free" && this.#bytes < PIPE_BYTES;
  }

  /** Waits until something has come, the load may be another, or the first piece has waited long enough. */
  async #change(load: ScoringLoad): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#bytes > 0 && load !== "full") {
        timer = setTimeout(resolve, Math.max(1, this.#since + this.#maxLatency - performance.now()));
      }
    });
    clearTimeout(timer);
    this.#wake = () => undefined;
  }

  async #gather(pieces: AsyncIterable<StreamPiece>): Promise<void> {
    try {
      for await (const piece of pieces) {
        if (typeof piece === "string") this.#next = piece;
        else if (piece.length > 0) {
          if (this.#bytes === 0) this.#since = performance.now();
          this.#pieces.push(piece);
          this.#bytes += piece.length;
        }
        this.#wake();
        while (this.#next !== undefined || this.#bytes >= 2 * BATCH_BYTES) {
          await new Promise<void>((resolve) => (this.#makeRoom = resolve));
        }
      }
      this.#next = "nothing";
    } catch (thrown) {
      this.#next = { thrown };
    }
    this.#wake();
  }

  #take(cutsLines: boolean): Uint8Array<ArrayBuffer> {
    const lastPiece = this.#pieces.at(-1) ?? new Uint8Array();
    const wholeOfLast = cutsLines ? lastPiece.lastIndexOf(LINE_FEED) + 1 : lastPiece.length;
    // Lines may end in an earlier piece only.
    const isCut = wholeOfLast > 0 && wholeOfLast < lastPiece.length;
    const length = this.#rest.length + this.#bytes - (isCut ? lastPiece.length - wholeOfLast : 0);
    const given = new Uint8Array(this.#spare.take(length), 0, length);
    given.set(this.#rest);
    let at = this.#rest.length;
    for (const piece of this.#pieces) {
      const whole = isCut && piece === lastPiece ? piece.subarray(0, wholeOfLast) : piece;
      given.set(whole, at);
      at += whole.length;
    }
    this.#rest = isCut ? lastPiece.slice(wholeOfLast) : new Uint8Array();
    this.#pieces = [];
    this.#bytes = 0;
    this.#makeRoom();
    return given;
  }

  #takeMark(): "next file" | "end" | undefined {
    const next = this.#next;
    if (typeof next === "object") throw next.thrown;
    this.#next = undefined;
    this.#makeRoom();
    return next === "nothing" ? undefined : next;
  }
}
