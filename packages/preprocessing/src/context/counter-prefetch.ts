import type { ContextCounters } from "./context-counters.ts";
import type { PackedContextFlows } from "./packed-context-flows.ts";

/** So many flows' counters are read at a time: as many as a core waits for side by side, and more. */
export const PREFETCHED_FLOWS = 32;

/** Where fewer flows are kept, all is near anyway. */
const FEWEST_FLOWS = 8192;

/**
 * Reads the counters of flows before they are needed. Counting a flow waits for memory some ten times, one time after the other; what is
 * read of many flows in a row is waited for together.
 */
export class CounterPrefetch {
  readonly #windows: number;
  // Slots that are most likely those of the flows.
  readonly #sources = new Int32Array(PREFETCHED_FLOWS);
  readonly #destinations = new Int32Array(PREFETCHED_FLOWS);
  readonly #ports = new Int32Array(PREFETCHED_FLOWS);
  readonly #pairs = new Int32Array(PREFETCHED_FLOWS);
  readonly #uses = new Int32Array(PREFETCHED_FLOWS);
  /** Of all that was read: what nobody looks at need not be read. */
  #read = 0;

  constructor(windows: number) {
    this.#windows = windows;
  }

  /** @param until `PREFETCHED_FLOWS` behind `first` at most */
  read(counters: ContextCounters, flows: PackedContextFlows, first: number, until: number): void {
    if (counters.flows.size < FEWEST_FLOWS) return;
    const count = until - first;
    const { sources, destinations, ports } = counters;
    for (let k = 0; k < count; k++) {
      const place = first + k;
      this.#sources[k] = sources.guess(flows.keyHalf(place, 0), flows.keyHalf(place, 1));
      this.#destinations[k] = destinations.guess(flows.keyHalf(place, 2), flows.keyHalf(place, 3));
      this.#ports[k] = ports.guess(flows.keyHalf(place, 4), flows.keyHalf(place, 5));
    }
    this.#readHosts(counters, count);
    for (let k = 0; k < count; k++) {
      this.#pairs[k] = counters.pairs.guess(this.#sources[k] as number, this.#destinations[k] as number);
      this.#uses[k] = counters.uses.guess(this.#sources[k] as number, this.#ports[k] as number);
    }
    this.#readPairs(counters, count);
    for (let window = 0; window < this.#windows; window++) this.#readLeaving(counters, window, count);
  }

  /** Those of flows that leave a window, if as many do as come. */
  #readLeaving(counters: ContextCounters, window: number, most: number): void {
    const { flows, pairs } = counters;
    let count = 0;
    for (; count < most; count++) {
      const place = flows.leaving(window, count);
      if (place < 0) break;
      this.#pairs[count] = flows.pair(place);
      this.#uses[count] = flows.use(place);
    }
    this.#readPairs(counters, count);
    for (let k = 0; k < count; k++) {
      const at = (this.#pairs[k] as number) * pairs.stride;
      this.#sources[k] = pairs.words[at] as number;
      this.#destinations[k] = pairs.words[at + 1] as number;
    }
    this.#readHosts(counters, count);
  }

  #readHosts({ sources, destinations }: ContextCounters, count: number): void {
    let read = this.#read;
    for (let k = 0; k < count; k++) {
      read ^= sources.touch(this.#sources[k] as number) ^ destinations.touch(this.#destinations[k] as number);
    }
    this.#read = read;
  }

  #readPairs({ pairs, uses }: ContextCounters, count: number): void {
    let read = this.#read;
    for (let k = 0; k < count; k++) {
      read ^= pairs.touch(this.#pairs[k] as number) ^ uses.touch(this.#uses[k] as number);
    }
    this.#read = read;
  }
}
