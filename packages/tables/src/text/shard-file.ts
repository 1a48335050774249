import { closeSync, openSync, writeSync } from "node:fs";
import { type OutputPlace, outputFailure } from "../output-place.ts";

/** Where a shard is written to, and whose part it is. It can go from process to process. */
export type ShardPlace = Pick<OutputPlace, "path" | "temporary">;

/** The file of a shard. */
export class ShardFile {
  readonly #place: ShardPlace;
  readonly #file: number;
  #isOpen = true;

  /** @throws OddflowError OUTPUT_UNWRITABLE */
  constructor(place: ShardPlace) {
    this.#place = place;
    this.#file = this.#blaming(() => openSync(place.temporary, "w"));
  }

  /** @throws OddflowError OUTPUT_UNWRITABLE */
  write(bytes: Uint8Array): void {
    this.#blaming(() => {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done);
    });
  }

  /** Harmless twice. */
  close(): void {
    if (this.#isOpen) closeSync(this.#file);
    this.#isOpen = false;
  }

  #blaming<T>(work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      throw outputFailure(this.#place, thrown);
    }
  }
}
