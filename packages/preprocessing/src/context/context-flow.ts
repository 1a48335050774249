/**
 * One flow as its context is counted from. Whoever has many uses one object again and again. Keys are of 64 bits, in two halves:
 * the same for the same thing, and for nothing else.
 */
export interface ContextFlow {
  /** Seconds since 1970; NaN, or 0, for a flow without a time, a source or a destination: it has no context and is in no other's. */
  time: number;
  sourceLow: number;
  sourceHigh: number;
  destinationLow: number;
  destinationHigh: number;
  /** Of the port that the service answers on, with its protocol. */
  portLow: number;
  portHigh: number;
  /** Of both directions; no number, or one below 0, counts as 0. */
  bytes: number;
  packets: number;
  failed: boolean;
}

/** A flow to write into. */
export function emptyContextFlow(): ContextFlow {
  return {
    time: 0,
    sourceLow: 0,
    sourceHigh: 0,
    destinationLow: 0,
    destinationHigh: 0,
    portLow: 0,
    portHigh: 0,
    bytes: 0,
    packets: 0,
    failed: false,
  };
}

/** More of one flow is not counted, so that the sums over 2^21 flows are whole numbers that a double holds. */
const MOST_COUNTED = 2 ** 32;

/** What a flow's bytes or packets count as: a whole number that float32 holds. */
export function countable(amount: number): number {
  return amount > 0 ? Math.fround(Math.min(Math.trunc(amount), MOST_COUNTED)) : 0;
}

const MICROSECONDS = 1e6;

/** Seconds in whole microseconds, so that all who read the same time count with the same one. */
export function microseconds(seconds: number): number {
  return Math.floor(seconds * MICROSECONDS + 0.5);
}
