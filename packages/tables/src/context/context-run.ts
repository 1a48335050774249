import { closeSync, fstatSync, openSync, writeSync } from "node:fs";
import type { ContextFlow } from "@oddflow/preprocessing";

/** What context is counted from of some flows, in the order of their times, in a file. It can go from process to process. */
export interface ContextRun {
  readonly path: string;
  /** Bytes. */
  readonly offset: number;
  readonly flows: number;
  /** The first flow's time and the last one's, in the unit of the table's time column; NaN where there is no flow. */
  readonly from: number;
  readonly to: number;
}

/** A flow's numbers, of 64 bits: its time, bytes and packets; the others are of 32 bits, two in one's place. */
export const FLOW_NUMBERS = 7;
export const FLOW_BYTES: number = 8 * FLOW_NUMBERS;
const FLOW_HALVES = 2 * FLOW_NUMBERS;

/** Where a flow's numbers of 32 bits are. */
export const HALF = {
  sourceLow: 6,
  sourceHigh: 7,
  destinationLow: 8,
  destinationHigh: 9,
  portLow: 10,
  portHigh: 11,
  row: 12,
  failed: 13,
} as const;

const FEWEST_FLOWS = 1024;

const [DIGIT_BITS, DIGITS] = [11, 6];

/** The places of times above 0 in their order, those of one time in the order of their places: sorted by the digits of their bits. */
function orderByTime(times: Float64Array): Uint32Array {
  const halves = new Uint32Array(times.buffer);
  let order = new Uint32Array(times.length);
  for (let place = 0; place < order.length; place++) order[place] = place;
  let sorted = new Uint32Array(times.length);
  const mask = (1 << DIGIT_BITS) - 1;
  for (let digit = 0; digit < DIGITS; digit++) {
    const shift = digit * DIGIT_BITS;
    // The bits of one digit are in both halves.
    const digitOf = (place: number): number => {
      const [low, high] = [halves[2 * place] as number, halves[2 * place + 1] as number];
      if (shift >= 32) return (high >>> (shift - 32)) & mask;
      return (shift === 0 ? low : (low >>> shift) | (high << (32 - shift))) & mask;
    };
    const ends = new Uint32Array(mask + 2);
    for (let place = 0; place < times.length; place++) {
      const next = digitOf(place) + 1;
      ends[next] = (ends[next] as number) + 1;
    }
    if (ends.includes(times.length)) continue;
    for (let value = 1; value < ends.length; value++)
      ends[value] = (ends[value] as number) + (ends[value - 1] as number);
    for (let k = 0; k < order.length; k++) {
      const place = order[k] as number;
      const value = digitOf(place);
      const at = ends[value] as number;
      sorted[at] = place;
      ends[value] = at + 1;
    }
    [order, sorted] = [sorted, order];
  }
  return order;
}

/** Gathers flows of any order, and writes them as a run. */
export class ContextRunWriter {
  #numbers = new Float64Array(FEWEST_FLOWS * FLOW_NUMBERS);
  #halves = new Uint32Array(this.#numbers.buffer);
  #flows = 0;
  #isAscending = true;

  /**
   * @param row its number among the rows that the run is made of
   * @param time in the unit of the table's time column; a number
   */
  add(row: number, time: number, flow: ContextFlow): void {
    const at = this.#flows * FLOW_NUMBERS;
    if (at === this.#numbers.length) this.#grow();
    const numbers = this.#numbers;
    const halves = this.#halves;
    if (this.#flows > 0 && time < (numbers[at - FLOW_NUMBERS] as number)) this.#isAscending = false;
    numbers[at] = time;
    numbers[at + 1] = flow.bytes;
    numbers[at + 2] = flow.packets;
    const half = 2 * at;
    halves[half + HALF.sourceLow] = flow.sourceLow;
    halves[half + HALF.sourceHigh] = flow.sourceHigh;
    halves[half + HALF.destinationLow] = flow.destinationLow;
    halves[half + HALF.destinationHigh] = flow.destinationHigh;
    halves[half + HALF.portLow] = flow.portLow;
    halves[half + HALF.portHigh] = flow.portHigh;
    halves[half + HALF.row] = row;
    halves[half + HALF.failed] = flow.failed ? 1 : 0;
    this.#flows++;
  }

  /** Some of the flows' times, every `step`th. */
  times(step: number): Float64Array<ArrayBuffer> {
    return Float64Array.from(
      { length: Math.ceil(this.#flows / step) },
      (_, k) => this.#numbers[k * step * FLOW_NUMBERS] as number,
    );
  }

  /** Writes the flows behind what is in a file, flows of one time in the order of their rows. */
  write(path: string): ContextRun {
    const count = this.#flows;
    const numbers = this.#isAscending ? this.#numbers : this.#byTime();
    const bytes = new Uint8Array(numbers.buffer, 0, count * FLOW_BYTES);
    const file = openSync(path, "a", 0o600);
    try {
      const offset = fstatSync(file).size;
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
      const to = numbers[(count - 1) * FLOW_NUMBERS] ?? Number.NaN;
      return { path, offset, flows: count, from: count === 0 ? Number.NaN : (numbers[0] as number), to };
    } finally {
      closeSync(file);
    }
  }

  #byTime(): Float64Array<ArrayBuffer> {
    const numbers = this.#numbers;
    const times = new Float64Array(this.#flows);
    for (let k = 0; k < times.length; k++) times[k] = numbers[k * FLOW_NUMBERS] as number;
    const order = orderByTime(times);
    const sorted = new Float64Array(this.#flows * FLOW_NUMBERS);
    // By halves: two of them may be the bits of a NaN, which a copy by numbers need not keep.
    const [from, into] = [this.#halves, new Uint32Array(sorted.buffer)];
    for (let k = 0; k < order.length; k++) {
      const flow = (order[k] as number) * FLOW_HALVES;
      for (let half = 0; half < FLOW_HALVES; half++)
        into[k * FLOW_HALVES + half] = from[flow + half] as number;
    }
    return sorted;
  }

  #grow(): void {
    const longer = new Float64Array(2 * this.#numbers.length);
    longer.set(this.#numbers);
    this.#numbers = longer;
    this.#halves = new Uint32Array(longer.buffer);
  }
}
