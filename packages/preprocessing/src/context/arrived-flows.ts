/** No flow: what `oldest` gives where a window is empty. */
export const NO_FLOW = -1;

/** What a flow is marked with. */
export const FLOW_MARK = {
  failed: 1,
  /** It came after a flow that began later. */
  late: 2,
  /** It is not among those that the pair's intervals are counted between. */
  aside: 4,
  /** It has left the longest window. */
  gone: 8,
} as const;

/** What is kept of a flow. */
export interface ArrivedFlow {
  /** Microseconds since 1970. */
  readonly time: number;
  /** Slots of its pair, and of its source's use of its service port. */
  readonly pair: number;
  readonly use: number;
  /** Whole numbers that float32 holds. */
  readonly bytes: number;
  readonly packets: number;
  readonly marks: number;
}

const FEWEST_PLACES = 64;

/**
 * Flows in the order of their arrival, a ring, and the order in which they leave each window, which is that of their times.
 * Flows that come in time leave as they came; late ones wait in a heap a window. A flow has a sequence number, modulo 2^32, and
 * while it is kept a place: its sequence number modulo the length of the ring.
 */
export class ArrivedFlows {
  time: Float64Array;
  pair: Uint32Array;
  use: Uint32Array;
  bytes: Float32Array;
  packets: Float32Array;
  marks: Uint8Array;
  /** Milliseconds until the pair's next flow, where there is one. */
  gap: Uint32Array;
  /** Sequence numbers: of the first that is kept, and of the next that comes. */
  #front = 0;
  #next = 0;
  readonly #windows: readonly LeavingOrder[];

  constructor(windows: number) {
    this.time = new Float64Array(FEWEST_PLACES);
    this.pair = new Uint32Array(FEWEST_PLACES);
    this.use = new Uint32Array(FEWEST_PLACES);
    this.bytes = new Float32Array(FEWEST_PLACES);
    this.packets = new Float32Array(FEWEST_PLACES);
    this.marks = new Uint8Array(FEWEST_PLACES);
    this.gap = new Uint32Array(FEWEST_PLACES);
    this.#windows = Array.from({ length: windows }, () => new LeavingOrder(this));
  }

  /** How many places are taken. */
  get size(): number {
    return (this.#next - this.#front) >>> 0;
  }

  get front(): number {
    return this.#front;
  }

  get next(): number {
    return this.#next;
  }

  placeOf(sequence: number): number {
    return sequence & (this.time.length - 1);
  }

  /**
   * Adds a flow.
   * @param ends for each window the time that a flow in it began after
   * @returns its place
   */
  push(flow: ArrivedFlow, ends: Float64Array): number {
    if (this.size === this.time.length) this.#grow();
    const sequence = this.#next;
    const place = this.placeOf(sequence);
    this.time[place] = flow.time;
    this.pair[place] = flow.pair;
    this.use[place] = flow.use;
    this.bytes[place] = flow.bytes;
    this.packets[place] = flow.packets;
    this.marks[place] = flow.marks;
    this.#next = (sequence + 1) >>> 0;
    if ((flow.marks & FLOW_MARK.late) !== 0) {
      for (const [window, order] of this.#windows.entries()) {
        if (flow.time > (ends[window] as number)) order.addLate(sequence);
      }
    }
    return place;
  }

  /** The place of the flow that leaves a window first; NO_FLOW where there is none in it. */
  oldest(window: number): number {
    const sequence = (this.#windows[window] as LeavingOrder).oldest();
    return sequence === NO_FLOW ? NO_FLOW : this.placeOf(sequence);
  }

  /** Takes that flow out of the window; out of the longest, the last, it is forgotten. */
  leave(window: number): void {
    const sequence = (this.#windows[window] as LeavingOrder).leave();
    if (window < this.#windows.length - 1) return;
    const place = this.placeOf(sequence);
    this.marks[place] = (this.marks[place] as number) | FLOW_MARK.gone;
    while (this.#front !== this.#next && this.#isGone(this.#front)) this.#front = (this.#front + 1) >>> 0;
  }

  /** The places of the flows that are kept and not gone, in the order of their arrival. */
  *places(): Generator<number, void, undefined> {
    for (let sequence = this.#front; sequence !== this.#next; sequence = (sequence + 1) >>> 0) {
      if (!this.#isGone(sequence)) yield this.placeOf(sequence);
    }
  }

  #isGone(sequence: number): boolean {
    return ((this.marks[this.placeOf(sequence)] as number) & FLOW_MARK.gone) !== 0;
  }

  #grow(): void {
    const [former, length] = [this.time.length, 2 * this.time.length];
    const moved = <T extends Float64Array | Float32Array | Uint32Array | Uint8Array>(from: T, to: T): T => {
      for (let sequence = this.#front, left = former; left > 0; left--, sequence = (sequence + 1) >>> 0) {
        to[sequence & (length - 1)] = from[sequence & (former - 1)] as number;
      }
      return to;
    };
    this.time = moved(this.time, new Float64Array(length));
    this.pair = moved(this.pair, new Uint32Array(length));
    this.use = moved(this.use, new Uint32Array(length));
    this.bytes = moved(this.bytes, new Float32Array(length));
    this.packets = moved(this.packets, new Float32Array(length));
    this.marks = moved(this.marks, new Uint8Array(length));
    this.gap = moved(this.gap, new Uint32Array(length));
  }
}

/** In which order flows leave one window: by time; of the same time those that came in time first, then by arrival. */
class LeavingOrder {
  readonly #flows: ArrivedFlows;
  /** The sequence number of the first flow that came in time and has not left, or of a late one before it. */
  #head = 0;
  /** Sequence numbers of late flows, a binary heap by time and arrival. */
  #late = new Uint32Array(FEWEST_PLACES);
  #lateCount = 0;

  constructor(flows: ArrivedFlows) {
    this.#flows = flows;
  }

  oldest(): number {
    const { marks, time, next, front, size } = this.#flows;
    // What was late is passed over only here, and its place may have been given away.
    if ((this.#head - front) >>> 0 > size) this.#head = front;
    while (
      this.#head !== next &&
      ((marks[this.#flows.placeOf(this.#head)] as number) & FLOW_MARK.late) !== 0
    ) {
      this.#head = (this.#head + 1) >>> 0;
    }
    if (this.#lateCount === 0) return this.#head === next ? NO_FLOW : this.#head;
    const late = this.#late[0] as number;
    if (this.#head === next) return late;
    const headTime = time[this.#flows.placeOf(this.#head)] as number;
    return headTime <= (time[this.#flows.placeOf(late)] as number) ? this.#head : late;
  }

  leave(): number {
    const sequence = this.oldest();
    if (this.#head === sequence) this.#head = (sequence + 1) >>> 0;
    else this.#takeLate();
    return sequence;
  }

  addLate(sequence: number): void {
    if (this.#lateCount === this.#late.length) {
      const longer = new Uint32Array(2 * this.#lateCount);
      longer.set(this.#late);
      this.#late = longer;
    }
    let at = this.#lateCount++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(sequence, this.#late[parent] as number)) break;
      this.#late[at] = this.#late[parent] as number;
      at = parent;
    }
    this.#late[at] = sequence;
  }

  #takeLate(): void {
    const last = this.#late[--this.#lateCount] as number;
    let at = 0;
    for (let child = 1; child < this.#lateCount; child = 2 * at + 1) {
      const right = child + 1;
      if (right < this.#lateCount && this.#isBefore(this.#late[right] as number, this.#late[child] as number))
        child = right;
      if (!this.#isBefore(this.#late[child] as number, last)) break;
      this.#late[at] = this.#late[child] as number;
      at = child;
    }
    this.#late[at] = last;
  }

  #isBefore(one: number, other: number): boolean {
    const { time, next } = this.#flows;
    const first = time[this.#flows.placeOf(one)] as number;
    const second = time[this.#flows.placeOf(other)] as number;
    // Of two sequence numbers the older one is farther from the next, also where they have begun anew from 0.
    return first < second || (first === second && (next - one) >>> 0 > (next - other) >>> 0);
  }
}
