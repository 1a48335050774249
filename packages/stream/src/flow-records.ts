/**
 * Memory that is used again. New memory for each batch is garbage that the collector of a thread with few objects finds only by going
 * through everything.
 */
export interface SpareMemory {
  /** Memory of so many bytes or more, with anything in it. */
  take(bytes: number): ArrayBuffer;
  /** @param buffer nobody else uses it any more */
  give(buffer: ArrayBuffer): void;
}

/** Values one behind the other. */
export interface JoinedValues {
  /** They may be the first of more memory, which goes with them. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each ends. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

/** What came of values, by their numbers. */
export interface ScoredValues {
  /** Of each what is written of it; empty where it is put aside or left out. */
  readonly written: JoinedValues;
  /** Why values are put aside. */
  readonly reasons: ReadonlyMap<number, string>;
  /** What those are that are no flows, which are written nowhere. */
  readonly leftOut: ReadonlyMap<number, string>;
}

/** Scores the values of records. */
export interface ValueScoring {
  /** Batches that it takes at once. */
  readonly batchesAtOnce: number;
  /** Takes back what `score` has given. */
  readonly spare: SpareMemory;
  /**
   * Scores values, one record each, in the order in which it is called; an empty one is put aside.
   * @param values their memory becomes the scoring's
   */
  score(values: JoinedValues): Promise<ScoredValues>;
}
