import { isWord } from "./ascii-words.ts";

/** A power of two. */
const SLOTS = 4096;

interface MetText {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/**
 * Texts of plain ASCII that were made of bytes before: addresses come over and over, and are found in a tenth of the time in which
 * they are made.
 */
export class MetTexts {
  readonly #slots = new Array<MetText | undefined>(SLOTS).fill(undefined);

  /** @param hash of the bytes, as `hashOf` gives it */
  text(bytes: Uint8Array, from: number, to: number, hash: number): string {
    const slot = (hash ^ (hash >>> 12)) & (SLOTS - 1);
    const met = this.#slots[slot];
    if (met !== undefined && isWord(bytes, from, to, met.bytes)) return met.text;
    const own = bytes.slice(from, to);
    const text = String.fromCharCode(...own);
    this.#slots[slot] = { bytes: own, text };
    return text;
  }
}
