/** No slot: what `find` gives for a key that is not there. */
const NO_SLOT = 0xffffffff;

const FEWEST_SLOTS = 64;

/** A stand-in for an index that is half full at most. */
const INDEX_PER_SLOT = 2;

/**
 * Keys of 64 bits, each with a slot, a small number that is its own until it is freed, and counters: `counts` whole numbers
 * below 2^32 and `sums` of any size. A slot's counters must be 0 again when it is freed.
 *
 * Open addressing with linear probing; what stands behind a freed place moves up, so there are no marks to clear away.
 */
export class SlotTable {
  /** `[slots, countsPerSlot]`, row-major. */
  counts: Uint32Array;
  /** `[slots, sumsPerSlot]`, row-major. */
  sums: Float64Array;
  /** The two halves of each slot's key. */
  low: Uint32Array;
  high: Uint32Array;
  size = 0;
  readonly #countsPerSlot: number;
  readonly #sumsPerSlot: number;
  readonly #mostSlots: number;
  /** At each place a slot and 1, 0 for none. */
  #index: Uint32Array;
  /** Slots that are free again, in the first `#freed` places. */
  #free = new Uint32Array(FEWEST_SLOTS);
  #freed = 0;
  /** Slots from here on were never taken. */
  #next = 0;

  /** @param mostSlots no more than these are ever taken, so that none are kept ready */
  constructor(countsPerSlot: number, sumsPerSlot: number, mostSlots: number) {
    const slots = Math.min(FEWEST_SLOTS, mostSlots);
    this.#countsPerSlot = countsPerSlot;
    this.#sumsPerSlot = sumsPerSlot;
    this.#mostSlots = mostSlots;
    this.counts = new Uint32Array(slots * countsPerSlot);
    this.sums = new Float64Array(slots * sumsPerSlot);
    this.low = new Uint32Array(slots);
    this.high = new Uint32Array(slots);
    this.#index = new Uint32Array(indexLength(slots));
  }

  /** The slot of a key; NO_SLOT where it has none. */
  find(low: number, high: number): number {
    const mask = this.#index.length - 1;
    for (let place = spread(low, high) & mask; ; place = (place + 1) & mask) {
      const entry = this.#index[place] as number;
      if (entry === 0) return NO_SLOT;
      if (this.low[entry - 1] === low && this.high[entry - 1] === high) return entry - 1;
    }
  }

  /** The slot of a key, a new one where it has none. */
  take(low: number, high: number): number {
    const found = this.find(low, high);
    if (found !== NO_SLOT) return found;
    if (this.#freed === 0 && this.#next === this.low.length) this.#grow();
    const slot = this.#freed > 0 ? (this.#free[--this.#freed] as number) : this.#next++;
    this.low[slot] = low;
    this.high[slot] = high;
    this.size++;
    this.#enter(slot);
    return slot;
  }

  free(slot: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    let hole = this.#home(slot) & mask;
    while (index[hole] !== slot + 1) hole = (hole + 1) & mask;
    for (let place = hole; ; ) {
      place = (place + 1) & mask;
      const entry = index[place] as number;
      if (entry === 0) break;
      // It may move up unless its home lies behind the hole.
      const distance = (place - this.#home(entry - 1)) & mask;
      if (distance < ((place - hole) & mask)) continue;
      index[hole] = entry;
      hole = place;
    }
    index[hole] = 0;
    this.size--;
    if (this.#freed === this.#free.length) this.#free = longer(this.#free, 2 * this.#freed);
    this.#free[this.#freed++] = slot;
  }

  #home(slot: number): number {
    return spread(this.low[slot] as number, this.high[slot] as number);
  }

  #enter(slot: number): void {
    const mask = this.#index.length - 1;
    let place = this.#home(slot) & mask;
    while (this.#index[place] !== 0) place = (place + 1) & mask;
    this.#index[place] = slot + 1;
  }

  #grow(): void {
    const slots = Math.min(this.#mostSlots, 2 * this.low.length);
    if (slots === this.low.length) throw new Error(`slot table: all of ${slots} slots are taken`);
    this.low = longer(this.low, slots);
    this.high = longer(this.high, slots);
    this.counts = longer(this.counts, slots * this.#countsPerSlot);
    const sums = new Float64Array(slots * this.#sumsPerSlot);
    sums.set(this.sums);
    this.sums = sums;
    this.#index = new Uint32Array(indexLength(slots));
    for (let slot = 0; slot < this.#next; slot++) this.#enter(slot);
  }
}

/** A power of two. */
function indexLength(slots: number): number {
  return 2 ** Math.ceil(Math.log2(INDEX_PER_SLOT * Math.max(slots, 1)));
}

/** Keys may be small numbers that follow each other, so their bits are mixed. */
function spread(low: number, high: number): number {
  let mixed = Math.imul(low, 0x9e3779b1) ^ Math.imul(high ^ (high >>> 15), 0x85ebca77);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}

function longer(values: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const copy = new Uint32Array(length);
  copy.set(values);
  return copy;
}
