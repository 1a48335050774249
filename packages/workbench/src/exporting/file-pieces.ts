/** So many bytes become one piece. */
const PIECE = 2 ** 20;

/** A UTF-16 unit takes three bytes of UTF-8 at most. */
export const MOST_BYTES = 3;

/**
 * A file in pieces, which a browser may keep on disk. Texts become bytes at once: those that wait would outlive many collections of
 * garbage, and the heap of a worker that holds a large table would grow by all that is written.
 */
export class FilePieces {
  readonly #pieces: Blob[] = [];
  readonly #encoder = new TextEncoder();
  readonly #bytes = new Uint8Array(PIECE);
  #used = 0;

  addText(text: string): void {
    if (MOST_BYTES * text.length > PIECE - this.#used) this.#close();
    if (MOST_BYTES * text.length > PIECE) this.#pieces.push(new Blob([text]));
    else this.#used += this.#encoder.encodeInto(text, this.#bytes.subarray(this.#used)).written;
  }

  addBytes(bytes: BlobPart): void {
    this.#close();
    this.#pieces.push(new Blob([bytes]));
  }

  /** All of it, once. */
  finish(type: string): Blob {
    this.#close();
    return new Blob(this.#pieces, { type });
  }

  #close(): void {
    if (this.#used > 0) this.#pieces.push(new Blob([this.#bytes.subarray(0, this.#used)]));
    this.#used = 0;
  }
}
