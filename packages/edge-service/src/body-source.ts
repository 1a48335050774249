import { Problem } from "./problem.ts";

/** In place of bytes: none have come in time. */
export const LATER: unique symbol = Symbol("later");

/** A request's body, read only when its bytes are asked for, so that who sends them is not faster than who scores them. */
export class BodySource {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #most: number;
  #read = 0;
  #pending: Promise<ReadableStreamReadResult<Uint8Array>> | undefined;

  /** @param most bytes that may come */
  constructor(body: ReadableStream<Uint8Array> | null, most: number) {
    this.#reader = body?.getReader();
    this.#most = most;
  }

  /**
   * The bytes that come next, undefined at the end.
   * @throws Problem too-large, cut-body
   */
  async next(waitMs: number): Promise<Uint8Array | typeof LATER | undefined> {
    if (this.#reader === undefined) return undefined;
    this.#pending ??= this.#reader.read().catch((cause: unknown) => {
      throw new Problem(
        "cut-body",
        `the body broke off: ${cause instanceof Error ? cause.message : String(cause)}`,
      );
    });
    const result = await within(waitMs, this.#pending);
    if (result === LATER) return LATER;
    this.#pending = undefined;
    if (result.done) return undefined;
    this.#read += result.value.length;
    if (this.#read > this.#most) throw tooLarge(this.#most);
    return result.value;
  }

  /** Says that no more is wanted. */
  async cancel(): Promise<void> {
    // A stream that was cut has nothing to cancel.
    await this.#reader?.cancel().catch(() => undefined);
  }
}

export function tooLarge(most: number): Problem {
  return new Problem("too-large", `the body has more than ${most} bytes; send the records in parts`);
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
