const FEWEST_SLOTS = 64;

/** The index has so many places a slot, so that it is half full at most. */
const PLACES_PER_SLOT = 2;

/** The words of a slot that its key takes. */
export const KEY_WORDS = 2;

/**
 * Keys of 64 bits, each with a slot, a small number that is its own until it is freed, and counters, which must be 0 again when it
 * is freed.
 *
 * What is of one slot lies together, and a key is compared with few others, since each is another wait for memory. Open addressing
 * with linear probing: the index has slots, each beside its distance from where its key would be best. What stands behind
 * a freed place moves up, so there are no marks to clear away.
 */
export class SlotTable {
  /** `[slots, stride]`: the two halves of the key, then the counters. */
  words: Int32Array;
  /** The same memory. */
  doubles: Float64Array;
  /** Words a slot, an even number. */
  readonly stride: number;
  readonly #mostSlots: number;
  #slots: number;
  /** At each place 0 for none, or a slot and 1, and in the bits above them the distance, as far as it fits. */
  #index: Int32Array;
  readonly #slotBits: number;
  readonly #slotMask: number;
  readonly #farthest: number;
  /** Slots that are free again, in the first `#freed` places. */
  #free = new Uint32Array(FEWEST_SLOTS);
  #freed = 0;
  /** Slots from here on were never taken. */
  #next = 0;

  /**
   * @param counters words a slot
   * @param mostSlots no more than these are ever taken, so that none are kept ready; below 2^30
   */
  constructor(counters: number, mostSlots: number) {
    this.stride = KEY_WORDS + counters + (counters % 2);
    this.#mostSlots = mostSlots;
    this.#slotBits = 32 - Math.clz32(mostSlots);
    this.#slotMask = 2 ** this.#slotBits - 1;
    this.#farthest = 2 ** (32 - this.#slotBits) - 1;
    this.#slots = Math.min(FEWEST_SLOTS, mostSlots);
    this.doubles = new Float64Array((this.#slots * this.stride) / 2);
    this.words = new Int32Array(this.doubles.buffer);
    this.#index = new Int32Array(indexLength(this.#slots));
  }

  /** The slot of a key, a new one where it has none. */
  take(low: number, high: number): number {
    const [first, second] = [low | 0, high | 0];
    const { words, stride } = this;
    const index = this.#index;
    const mask = index.length - 1;
    let place = spread(first, second) & mask;
    for (let distance = 0; ; distance++) {
      const entry = index[place] as number;
      if (entry === 0) return this.#add(first, second, place, distance);
      if (entry >>> this.#slotBits === Math.min(distance, this.#farthest)) {
        const slot = (entry & this.#slotMask) - 1;
        const at = slot * stride;
        if (words[at] === first && words[at + 1] === second) return slot;
      }
      place = (place + 1) & mask;
    }
  }

  /** The slot that is most likely a key's, from one look at the index; -1 where the key has most likely none. */
  guess(low: number, high: number): number {
    const entry = this.#index[spread(low | 0, high | 0) & (this.#index.length - 1)] as number;
    return (entry & this.#slotMask) - 1;
  }

  /** Reads both ends of a slot's memory, so that it is near when it is needed. @param slot none where it is below 0 */
  touch(slot: number): number {
    const at = Math.max(0, slot) * this.stride;
    return (this.words[at] as number) ^ (this.words[at + this.stride - 1] as number);
  }

  free(slot: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    let hole = this.#homeOf(slot) & mask;
    while (((index[hole] as number) & this.#slotMask) !== slot + 1) hole = (hole + 1) & mask;
    for (let place = hole; ; ) {
      place = (place + 1) & mask;
      const entry = index[place] as number;
      if (entry === 0) break;
      // It may move up unless its home lies behind the hole.
      const distance = this.#distanceOf(entry, place);
      const moves = (place - hole) & mask;
      if (distance < moves) continue;
      index[hole] = this.#entry((entry & this.#slotMask) - 1, distance - moves);
      hole = place;
    }
    index[hole] = 0;
    if (this.#freed === this.#free.length) {
      const longer = new Uint32Array(2 * this.#freed);
      longer.set(this.#free);
      this.#free = longer;
    }
    this.#free[this.#freed++] = slot;
  }

  #add(low: number, high: number, place: number, distance: number): number {
    if (this.#freed === 0 && this.#next === this.#slots) {
      this.#grow();
      return this.take(low, high);
    }
    const slot = this.#freed > 0 ? (this.#free[--this.#freed] as number) : this.#next++;
    this.words[slot * this.stride] = low;
    this.words[slot * this.stride + 1] = high;
    this.#index[place] = this.#entry(slot, distance);
    return slot;
  }

  #entry(slot: number, distance: number): number {
    return (slot + 1) | (Math.min(distance, this.#farthest) << this.#slotBits);
  }

  #distanceOf(entry: number, place: number): number {
    const distance = entry >>> this.#slotBits;
    if (distance < this.#farthest) return distance;
    const mask = this.#index.length - 1;
    return (place - this.#homeOf((entry & this.#slotMask) - 1)) & mask;
  }

  #homeOf(slot: number): number {
    const at = slot * this.stride;
    return spread(this.words[at] as number, this.words[at + 1] as number);
  }

  #grow(): void {
    const slots = Math.min(this.#mostSlots, 2 * this.#slots);
    if (slots === this.#slots) throw new Error(`slot table: all of ${slots} slots are taken`);
    const doubles = new Float64Array((slots * this.stride) / 2);
    doubles.set(this.doubles);
    this.doubles = doubles;
    this.words = new Int32Array(doubles.buffer);
    this.#slots = slots;
    const index = new Int32Array(indexLength(slots));
    const mask = index.length - 1;
    for (let slot = 0; slot < this.#next; slot++) {
      let place = this.#homeOf(slot) & mask;
      let distance = 0;
      for (; index[place] !== 0; distance++) place = (place + 1) & mask;
      index[place] = this.#entry(slot, distance);
    }
    this.#index = index;
  }
}

/** A power of two. */
function indexLength(slots: number): number {
  return 2 ** Math.ceil(Math.log2(PLACES_PER_SLOT * Math.max(slots, 1)));
}

/** Keys may be small numbers that follow each other, so their bits are mixed. */
function spread(low: number, high: number): number {
  let mixed = Math.imul(low, 0x9e3779b1) ^ Math.imul(high ^ (high >>> 15), 0x85ebca77);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}
