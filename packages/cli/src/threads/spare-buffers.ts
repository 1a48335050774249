/** Buffers that are kept at most, and the most bytes of one. */
const MOST_BUFFERS = 8;
const MOST_BYTES = 1 << 23;

/**
 * Memory that goes to and fro between threads, to be used again. New memory for each message is garbage that the collector of a
 * thread with few objects finds only by going through everything.
 */
export class SpareBuffers {
  readonly #buffers: ArrayBuffer[] = [];

  /** Memory of so many bytes or more; what is in it is left from before. */
  take(bytes: number): ArrayBuffer {
    const place = this.#buffers.findIndex(({ byteLength }) => byteLength >= bytes);
    const [spare] = place < 0 ? [] : this.#buffers.splice(place, 1);
    return spare ?? new ArrayBuffer(2 ** Math.ceil(Math.log2(Math.max(1, bytes))));
  }

  /** @param buffer nobody else uses it any more */
  give(buffer: ArrayBuffer): void {
    const isKept = buffer.byteLength > 0 && buffer.byteLength <= MOST_BYTES;
    if (isKept && this.#buffers.length < MOST_BUFFERS) this.#buffers.push(buffer);
  }
}
