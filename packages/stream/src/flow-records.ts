/** A record of a topic. */
export interface TopicRecord {
  readonly partition: number;
  readonly offset: bigint;
  /** Milliseconds since 1970. */
  readonly timestamp: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** In their order; a name may come more than once. */
  readonly headers: readonly (readonly [name: Buffer | null, value: Buffer | null])[];
}

/** What came of a record: the value that is written, why it is put aside, or what it is beside a flow, which is written nowhere. */
export type RecordFate =
  | { readonly value: Uint8Array }
  | { readonly reason: string }
  | { readonly leftOut: string };

/** Scores the values of records. */
export interface ValueScoring {
  /** Batches that it takes at once. */
  readonly batchesAtOnce: number;
  /**
   * Scores values, one record each, in the order in which it is called.
   * @returns what came of each, in their order
   */
  score(values: readonly Uint8Array[]): Promise<readonly RecordFate[]>;
}
