import { Decompress } from "fzstd";

/** Unpacks zstd data, a piece at a time, one frame or several behind one another. */
export class ZstdUnpacking {
  #unpacked: Uint8Array[] = [];
  #isWhole = false;
  readonly #stream = new Decompress((piece, isLast) => {
    if (piece.length > 0) this.#unpacked.push(piece);
    if (isLast === true) this.#isWhole = true;
  });

  /** The bytes that come of the next piece. @throws Error for what is no zstd data */
  feed(bytes: Uint8Array): readonly Uint8Array[] {
    this.#stream.push(bytes);
    return this.#take();
  }

  /** What is left. @throws Error where the data are cut short */
  end(): readonly Uint8Array[] {
    this.#stream.push(new Uint8Array(), true);
    if (!this.#isWhole) throw new Error("the zstd data are cut short");
    return this.#take();
  }

  #take(): readonly Uint8Array[] {
    const unpacked = this.#unpacked;
    this.#unpacked = [];
    return unpacked;
  }
}
