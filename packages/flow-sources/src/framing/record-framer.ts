/**
 * "record": the next one is there. "wait": it has not come whole, or there is none. "too long": it is longer than a record
 * may be. "broken": what is between records is not what it should be, as `problem` says.
 */
export type FramingStep = "record" | "wait" | "too long" | "broken";

/** Cuts bytes into records, wherever the bytes were cut into pieces. No more is kept than the record that has not ended. */
export interface RecordFramer {
  /** Takes the bytes that came next; the caller must not write into them. */
  feed(piece: Uint8Array): void;
  /** Says that no more will come. */
  close(): void;
  /** Whether something has come that is no whole record yet. */
  readonly hasRest: boolean;
  /** Goes to the next record. After "too long" and "broken" there is none. */
  next(): FramingStep;
  /** Holds the record, until more is fed. */
  readonly bytes: Uint8Array;
  /** Where the record is in `bytes`. */
  readonly start: number;
  readonly end: number;
  /** The line on which the record begins, from 1. */
  readonly number: number;
  readonly problem: string;
  /** Whether a byte order mark came first; it is passed over. */
  readonly hadByteOrderMark: boolean;
}
