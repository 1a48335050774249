/** No flow: what `oldest` gives where a window is empty. */
const NO_FLOW = -1;

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

const FEWEST_PLACES = 64;

/** Where what is kept of a flow is, in words from its place on: its time before them, in microseconds since 1970. */
const FLOW = {
  /** Slots of its pair, and of its source's use of its service port. */
  pair: 2,
  use: 3,
  /** Whole numbers that float32 holds. */
  bytes: 4,
  packets: 5,
  /** Milliseconds until the pair's next flow, where there is one. */
  gap: 6,
  marks: 7,
  words: 8,
} as const;

/**
 * Flows in the order of their arrival, a ring, and the order in which they leave each window, which is that of their times.
 * Flows that come in time leave as they came; late ones wait in a heap a window. A flow has a sequence number, modulo 2^32, and
 * while it is kept a place: its sequence number modulo the length of the ring.
 */
export class ArrivedFlows {
  /** `[places, FLOW.words]`; a flow is half a cache line. */
  #words: Int32Array;
  /** The same memory. */
  #floats: Float32Array;
  #doubles: Float64Array;
  #length = FEWEST_PLACES;
  /** Sequence numbers: of the first that is kept, and of the next that comes. */
  #front = 0;
  #next = 0;
  readonly #windows: readonly LeavingOrder[];
  /** For each window the time of the flow that leaves it first; infinity where it is empty. */
  readonly firstTimes: Float64Array;

  constructor(windows: number) {
    this.#doubles = new Float64Array((FEWEST_PLACES * FLOW.words) / 2);
    this.#floats = new Float32Array(this.#doubles.buffer);
    this.#words = new Int32Array(this.#doubles.buffer);
    this.#windows = Array.from({ length: windows }, () => new LeavingOrder(this));
    this.firstTimes = new Float64Array(windows).fill(Number.POSITIVE_INFINITY);
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
    return sequence & (this.#length - 1);
  }

  /** Microseconds since 1970. */
  time(place: number): number {
    return this.#doubles[place * (FLOW.words / 2)] as number;
  }

  pair(place: number): number {
    return this.#words[place * FLOW.words + FLOW.pair] as number;
  }

  use(place: number): number {
    return this.#words[place * FLOW.words + FLOW.use] as number;
  }

  bytes(place: number): number {
    return this.#floats[place * FLOW.words + FLOW.bytes] as number;
  }

  packets(place: number): number {
    return this.#floats[place * FLOW.words + FLOW.packets] as number;
  }

  marks(place: number): number {
    return this.#words[place * FLOW.words + FLOW.marks] as number;
  }

  gap(place: number): number {
    return this.#words[place * FLOW.words + FLOW.gap] as number;
  }

  setGap(place: number, milliseconds: number): void {
    this.#words[place * FLOW.words + FLOW.gap] = milliseconds;
  }

  /**
   * Adds a flow.
   * @param time in microseconds
   * @param pair and `use` the slots of its pair, and of its source's use of its service port
   * @param bytes and `packets` whole numbers that float32 holds
   * @param ends for each window the time that a flow in it began after
   */
  push(
    time: number,
    pair: number,
    use: number,
    bytes: number,
    packets: number,
    marks: number,
    ends: Float64Array,
  ): void {
    if (this.size === this.#length) this.#grow();
    const sequence = this.#next;
    const at = this.placeOf(sequence) * FLOW.words;
    this.#doubles[at / 2] = time;
    this.#words[at + FLOW.pair] = pair;
    this.#words[at + FLOW.use] = use;
    this.#floats[at + FLOW.bytes] = bytes;
    this.#floats[at + FLOW.packets] = packets;
    this.#words[at + FLOW.marks] = marks;
    this.#next = (sequence + 1) >>> 0;
    const { firstTimes } = this;
    const isLate = (marks & FLOW_MARK.late) !== 0;
    for (let window = 0; window < firstTimes.length; window++) {
      if (isLate) {
        if (time <= (ends[window] as number)) continue;
        (this.#windows[window] as LeavingOrder).addLate(sequence);
      }
      if (time < (firstTimes[window] as number)) firstTimes[window] = time;
    }
  }

  /** The place of the flow that leaves a window first; NO_FLOW where there is none in it. */
  oldest(window: number): number {
    const sequence = (this.#windows[window] as LeavingOrder).oldest();
    return sequence === NO_FLOW ? NO_FLOW : this.placeOf(sequence);
  }

  /** The place of the flow that comes so many behind the one that is next in turn to leave a window; NO_FLOW where there is none. */
  leaving(window: number, behind: number): number {
    const { head } = this.#windows[window] as LeavingOrder;
    return behind < (this.#next - head) >>> 0 ? this.placeOf(head + behind) : NO_FLOW;
  }

  /** Takes that flow out of the window; out of the longest, the last, it is forgotten. */
  leave(window: number): void {
    const order = this.#windows[window] as LeavingOrder;
    const sequence = order.leave();
    if (window === this.#windows.length - 1) {
      const place = this.placeOf(sequence);
      this.#words[place * FLOW.words + FLOW.marks] = this.marks(place) | FLOW_MARK.gone;
      while (this.#front !== this.#next && this.#isGone(this.#front)) this.#front = (this.#front + 1) >>> 0;
    }
    const oldest = order.oldest();
    this.firstTimes[window] = oldest === NO_FLOW ? Number.POSITIVE_INFINITY : this.time(this.placeOf(oldest));
  }

  /** The places of the flows that are kept and not gone, in the order of their arrival. */
  *places(): Generator<number, void, undefined> {
    for (let sequence = this.#front; sequence !== this.#next; sequence = (sequence + 1) >>> 0) {
      if (!this.#isGone(sequence)) yield this.placeOf(sequence);
    }
  }

  #isGone(sequence: number): boolean {
    return (this.marks(this.placeOf(sequence)) & FLOW_MARK.gone) !== 0;
  }

  #grow(): void {
    const former = this.#length;
    const words = this.#words;
    this.#length = 2 * former;
    this.#doubles = new Float64Array((this.#length * FLOW.words) / 2);
    this.#floats = new Float32Array(this.#doubles.buffer);
    this.#words = new Int32Array(this.#doubles.buffer);
    // The ring is full: its flows stand in two runs, and each of them stays one.
    const first = this.#front & (former - 1);
    const behind = words.subarray(first * FLOW.words);
    this.#words.set(behind, this.placeOf(this.#front) * FLOW.words);
    this.#words.set(
      words.subarray(0, first * FLOW.words),
      this.placeOf(this.#front + former - first) * FLOW.words,
    );
  }
}

/** In which order flows leave one window: by time; of the same time those that came in time first, then by arrival. */
class LeavingOrder {
  readonly #flows: ArrivedFlows;
  /** The sequence number of the first flow that came in time and has not left, or of a late one before it. */
  head = 0;
  /** Sequence numbers of late flows, a binary heap by time and arrival. */
  #late = new Uint32Array(FEWEST_PLACES);
  #lateCount = 0;

  constructor(flows: ArrivedFlows) {
    this.#flows = flows;
  }

  oldest(): number {
    const flows = this.#flows;
    const { next, front, size } = flows;
    // What was late is passed over only here, and its place may have been given away.
    if ((this.head - front) >>> 0 > size) this.head = front;
    while (this.head !== next && (flows.marks(flows.placeOf(this.head)) & FLOW_MARK.late) !== 0) {
      this.head = (this.head + 1) >>> 0;
    }
    if (this.#lateCount === 0) return this.head === next ? NO_FLOW : this.head;
    const late = this.#late[0] as number;
    if (this.head === next) return late;
    const headTime = flows.time(flows.placeOf(this.head));
    return headTime <= flows.time(flows.placeOf(late)) ? this.head : late;
  }

  leave(): number {
    const sequence = this.oldest();
    if (this.head === sequence) this.head = (sequence + 1) >>> 0;
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
    const flows = this.#flows;
    const { next } = flows;
    const first = flows.time(flows.placeOf(one));
    const second = flows.time(flows.placeOf(other));
    // Of two sequence numbers the older one is farther from the next, also where they have begun anew from 0.
    return first < second || (first === second && (next - one) >>> 0 > (next - other) >>> 0);
  }
}
