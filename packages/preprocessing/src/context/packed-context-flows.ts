import type { ContextFlow } from "./context-flow.ts";

/** Numbers that a packed flow takes. */
const PACKED_NUMBERS = 10;

/** Room for so many flows is there from the first one on. */
const FEWEST_FLOWS = 64;

/** Flows in one array of numbers, which may go from thread to thread. */
export class PackedContextFlows {
  #numbers: Float64Array<ArrayBuffer>;

  /** @param numbers another's, as `first` gives them */
  constructor(numbers: Float64Array<ArrayBuffer> = new Float64Array()) {
    this.#numbers = numbers;
  }

  /** How many flows there is room for. */
  get length(): number {
    return this.#numbers.length / PACKED_NUMBERS;
  }

  /** The numbers of the first `flows`, in memory of their own. @param memory gives so many bytes or more */
  first(flows: number, memory: (bytes: number) => ArrayBuffer = newMemory): Float64Array<ArrayBuffer> {
    const length = flows * PACKED_NUMBERS;
    const copy = new Float64Array(memory(length * Float64Array.BYTES_PER_ELEMENT), 0, length);
    copy.set(this.#numbers.subarray(0, length));
    return copy;
  }

  /** Makes room where there is none yet. */
  set(place: number, flow: ContextFlow): void {
    if (place >= this.length) {
      const longer = new Float64Array(Math.max(FEWEST_FLOWS, 2 * place) * PACKED_NUMBERS);
      longer.set(this.#numbers);
      this.#numbers = longer;
    }
    const numbers = this.#numbers;
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

  /** One half of a flow's keys, in the order of `ContextFlow`. */
  keyHalf(place: number, half: number): number {
    return this.#numbers[place * PACKED_NUMBERS + 1 + half] as number;
  }

  /** @param flow is written into */
  get(place: number, flow: ContextFlow): void {
    const at = place * PACKED_NUMBERS;
    const number = (k: number): number => this.#numbers[at + k] as number;
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

function newMemory(bytes: number): ArrayBuffer {
  return new ArrayBuffer(bytes);
}
