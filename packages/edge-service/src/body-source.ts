import { Problem } from "./problem.ts";

/** In place of bytes: none have come in time. */
export const LATER: unique symbol = Symbol("later");

/** Bytes of a body, asked for a piece at a time. */
export type BodyReader = Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel">;

/** What came of a body since it was asked for last. */
export interface BodyPiece {
  readonly bytes: Uint8Array;
  /** Whether no more will come. */
  readonly isLast: boolean;
}

export interface BodySourceOptions {
  /** Bytes that may come. */
  readonly most: number;
  /** Bytes that will come, where that is known. */
  readonly length: number | undefined;
}

/** So many bytes are read before they are asked for: a piece is made of what came while the one before was scored. */
const READ_AHEAD = 256 * 1024;

/** Bytes wait so long for others, where it is known that more will come. */
const GATHER_MS = 4;

/** A request's body, read no further than a piece ahead, so that who sends it is not faster than who scores it. */
export class BodySource {
  readonly #reader: BodyReader | undefined;
  readonly #most: number;
  readonly #length: number | undefined;
  #pieces: Uint8Array[] = [];
  #waiting = 0;
  #read = 0;
  #hasEnded: boolean;
  #problem: Problem | undefined;
  #reading: Promise<void> | undefined;

  constructor(reader: BodyReader | undefined, { most, length }: BodySourceOptions) {
    this.#reader = reader;
    this.#most = most;
    this.#length = length;
    this.#hasEnded = reader === undefined;
  }

  /**
   * What has come, or what comes next.
   * @throws Problem too-large, cut-body, behind the bytes before it
   */
  async next(waitMs: number): Promise<BodyPiece | typeof LATER> {
    this.#readOn();
    if (this.#waiting === 0 && !this.#isOver) {
      const latest = Date.now() + waitMs;
      // A piece may be empty.
      while (this.#waiting === 0 && this.#reading !== undefined) {
        if ((await within(Math.max(0, latest - Date.now()), this.#reading)) === LATER) return LATER;
      }
    }
    while (this.#length !== undefined && this.#reading !== undefined && !this.#isOver) {
      if ((await within(GATHER_MS, this.#reading)) === LATER) break;
    }
    return this.#take();
  }

  /** Says that no more is wanted. */
  async cancel(): Promise<void> {
    this.#hasEnded = true;
    this.#pieces = [];
    // A stream that was cut has nothing to cancel.
    await this.#reader?.cancel().catch(() => undefined);
  }

  get #isOver(): boolean {
    return this.#hasEnded || this.#problem !== undefined;
  }

  #take(): BodyPiece {
    if (this.#waiting === 0 && this.#problem !== undefined) throw this.#problem;
    const bytes = joined(this.#pieces, this.#waiting);
    const isLast = this.#hasEnded && this.#problem === undefined;
    this.#pieces = [];
    this.#waiting = 0;
    // What comes from now on is there when it is asked for.
    this.#readOn();
    return { bytes, isLast };
  }

  /** Reads until enough waits. */
  #readOn(): void {
    if (this.#reader === undefined || this.#reading !== undefined || this.#isOver) return;
    if (this.#waiting >= READ_AHEAD) return;
    this.#reading = this.#reader.read().then(
      ({ value }) => this.#keep(value),
      (cause: unknown) => {
        this.#reading = undefined;
        this.#problem = new Problem(
          "cut-body",
          `the body broke off: ${cause instanceof Error ? cause.message : String(cause)}`,
        );
      },
    );
  }

  #keep(bytes: Uint8Array | undefined): void {
    this.#reading = undefined;
    if (bytes === undefined) this.#hasEnded = true;
    if (bytes === undefined || this.#isOver) return;
    const kept = bytes.subarray(0, this.#most - this.#read);
    this.#read += kept.length;
    this.#waiting += kept.length;
    this.#pieces.push(kept);
    if (kept.length < bytes.length) this.#problem = tooLarge(this.#most);
    else if (this.#read === this.#length) this.#end();
    else this.#readOn();
  }

  /** All that was promised is there; who gives it is to see that its end was taken, too. */
  #end(): void {
    this.#hasEnded = true;
    this.#reader?.read().catch(() => undefined);
  }
}

export function tooLarge(most: number): Problem {
  return new Problem("too-large", `the body has more than ${most} bytes; send the records in parts`);
}

/** The pieces as one, in memory of its own. */
function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let place = 0;
  for (const piece of pieces) {
    bytes.set(piece, place);
    place += piece.length;
  }
  return bytes;
}

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | typeof LATER> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<typeof LATER>((resolve) => {
    timer = setTimeout(() => resolve(LATER), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
