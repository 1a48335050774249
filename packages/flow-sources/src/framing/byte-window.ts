/** Bytes that have come and are not used up: those from `start` to `end` of `bytes`. */
export class ByteWindow {
  bytes: Uint8Array = new Uint8Array();
  start = 0;
  end = 0;
  /** Whether `bytes` is a buffer of its own with room behind `end`; else it is a piece as it came. */
  #isOwn = false;

  get length(): number {
    return this.end - this.start;
  }

  /** Takes a piece without copying it where nothing is left, so the caller must not write into it. */
  append(piece: Uint8Array): void {
    const left = this.length;
    if (left === 0) {
      this.bytes = piece;
      this.start = 0;
      this.end = piece.length;
      this.#isOwn = false;
      return;
    }
    if (!this.#isOwn || this.end + piece.length > this.bytes.length) {
      // Twice what is needed, so that bytes that come one by one are not copied again for each of them.
      const grown = new Uint8Array(2 * (left + piece.length));
      grown.set(this.bytes.subarray(this.start, this.end));
      this.bytes = grown;
      this.start = 0;
      this.end = left;
      this.#isOwn = true;
    }
    this.bytes.set(piece, this.end);
    this.end += piece.length;
  }
}
