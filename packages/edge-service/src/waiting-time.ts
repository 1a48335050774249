/** A request that moves so many bytes in a second, of its body or its answer, does not fall behind. */
export const PACE_BYTES: number = 16 * 1024;

/**
 * How long a request may still keep the service waiting, for its body or for its answer to be taken.
 *
 * Bytes that move give time back, up to what there was at first, so a large body on a slow line comes to its end while a
 * trickle does not hold its place for ever (as with Apache's RequestReadTimeout and its MinRate). Time that the service
 * itself takes, or others in front of it, is not the client's and does not count.
 */
export class WaitingTime {
  readonly #fullMs: number;
  #leftMs: number;

  constructor(seconds: number) {
    this.#fullMs = 1000 * seconds;
    this.#leftMs = this.#fullMs;
  }

  /** Milliseconds; 0 when there is none. */
  get leftMs(): number {
    return Math.max(0, this.#leftMs);
  }

  spend(milliseconds: number): void {
    this.#leftMs -= milliseconds;
  }

  /** Says that bytes came or were taken. */
  move(bytes: number): void {
    this.#leftMs = Math.min(this.#fullMs, this.#leftMs + (1000 * bytes) / PACE_BYTES);
  }
}
