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

/** Numbers that a packed flow takes. */
const PACKED_NUMBERS = 10;

/** Flows in one array, which may go from thread to thread. */
export class PackedContextFlows {
  readonly numbers: Float64Array<ArrayBuffer>;

  /** @param numbers another's, or room for as many flows as come */
  constructor(numbers: Float64Array<ArrayBuffer>) {
    this.numbers = numbers;
  }

  static withRoomFor(flows: number): PackedContextFlows {
    return new PackedContextFlows(new Float64Array(flows * PACKED_NUMBERS));
  }

  /** How many flows there is room for. */
  get length(): number {
    return this.numbers.length / PACKED_NUMBERS;
  }

  set(place: number, flow: ContextFlow): void {
    const { numbers } = this;
    const at = place * PACKED_NUMBERS;
    numbers[at] = flow.time;
    numbers[at + 1] = flow.sourceLow;
    numbers[at + 2] = flow.sourceHigh;
    numbers[at + 3] = flow.destinationLow;
    numbers[at + 4] = flow.destinationHigh;
    numbers[at + 5] = flow.portLow;
    numbers[at + 6] = flow.portHigh;
    numbers[at + 7] = flow.bytes;
    numbers[at + 8] = flow.packets;
    numbers[at + 9] = flow.failed ? 1 : 0;
  }

  /** @param flow is written into */
  get(place: number, flow: ContextFlow): void {
    const at = place * PACKED_NUMBERS;
    const number = (k: number): number => this.numbers[at + k] as number;
    flow.time = number(0);
    flow.sourceLow = number(1);
    flow.sourceHigh = number(2);
    flow.destinationLow = number(3);
    flow.destinationHigh = number(4);
    flow.portLow = number(5);
    flow.portHigh = number(6);
    flow.bytes = number(7);
    flow.packets = number(8);
    flow.failed = number(9) === 1;
  }
}
