import { ArrivedFlows, FLOW_MARK } from "./arrived-flows.ts";
import { type ContextFlow, countable } from "./context-flow.ts";
import type { ContextSpec } from "./context-spec.ts";
import { emptyFlows, KEY_HALVES, type SavedFlows } from "./saved-context.ts";
import { SlotTable } from "./slot-table.ts";

/** Fewer intervals say nothing of their regularity, which is that of chance then. */
const FEWEST_INTERVALS = 3;
const REGULARITY_OF_CHANCE = 1;

const MICROSECONDS_PER_MILLISECOND = 1e3;
const MICROSECONDS_PER_SECOND = 1e6;

// Which counter is which, window by window.
const SOURCE = { flows: 0, failed: 1, peers: 2, ports: 3, counts: 4, bytes: 0, packets: 1, sums: 2 } as const;
const DESTINATION = { flows: 0, peers: 1, counts: 2, sums: 1 } as const;
const PORT = { flows: 0, peers: 1, counts: 2 } as const;

/** Of a pair, behind its flows in each window: flows in its row, the last one's sequence number; and of their intervals. */
const PAIR = { inRow: 0, last: 1, counts: 2, gaps: 0, squares: 1, sums: 2 } as const;

/** What the flows in each window come to, by source, destination, service port, pair and use of a port by a source. */
export class ContextCounters {
  readonly flows: ArrivedFlows;
  readonly #windows: number;
  /** Seconds. */
  readonly #longest: number;
  readonly #hasBytes: boolean;
  readonly #hasPackets: boolean;
  readonly #hasPorts: boolean;
  readonly #hasFailures: boolean;
  readonly #sources: SlotTable;
  readonly #destinations: SlotTable;
  readonly #ports: SlotTable;
  /** By the slots of source and destination. */
  readonly #pairs: SlotTable;
  /** By the slots of source and port. */
  readonly #uses: SlotTable;

  constructor({ windows, bytes, packets, port, failed }: ContextSpec, mostFlows: number) {
    const count = windows.length;
    this.flows = new ArrivedFlows(count);
    this.#windows = count;
    this.#longest = windows[count - 1] as number;
    this.#hasBytes = bytes.length > 0;
    this.#hasPackets = packets.length > 0;
    this.#hasPorts = port !== undefined;
    this.#hasFailures = failed !== undefined;
    this.#sources = new SlotTable(count * SOURCE.counts, count * SOURCE.sums, mostFlows);
    this.#destinations = new SlotTable(count * DESTINATION.counts, count * DESTINATION.sums, mostFlows);
    this.#ports = new SlotTable(count * PORT.counts, 0, mostFlows);
    this.#pairs = new SlotTable(count + PAIR.counts, PAIR.sums, mostFlows);
    this.#uses = new SlotTable(count, 0, mostFlows);
  }

  /**
   * Writes what the windows hold before a flow, in the order of `contextColumns`, and adds the flow to them.
   * @param began when it counts to have begun, and `now` when the windows end, in microseconds
   * @param ends where each window begins: a flow at that time or before is not in it
   * @param into nothing is written where it is undefined
   */
  add(
    flow: ContextFlow,
    began: number,
    now: number,
    ends: Float64Array,
    into: Float32Array | undefined,
    at: number,
  ): void {
    const source = this.#sources.take(flow.sourceLow, flow.sourceHigh);
    const destination = this.#destinations.take(flow.destinationLow, flow.destinationHigh);
    const port = this.#ports.take(flow.portLow, flow.portHigh);
    const pair = this.#pairs.take(source, destination);
    const use = this.#uses.take(source, port);
    if (into !== undefined) {
      const next = this.#writeHosts(source, destination, into, at);
      this.#writeRest(pair, port, began, now, into, next);
    }
    const mark = (flow.failed ? FLOW_MARK.failed : 0) | (began < now ? FLOW_MARK.late : 0);
    const isAside = !this.#addInterval(pair, began);
    const place = this.flows.push(
      {
        time: began,
        pair,
        use,
        bytes: countable(flow.bytes),
        packets: countable(flow.packets),
        marks: mark | (isAside ? FLOW_MARK.aside : 0),
      },
      ends,
    );
    for (let window = 0; window < this.#windows; window++) {
      if (began > (ends[window] as number)) this.#count(window, place, 1);
    }
  }

  /** The flows of the longest window, in the order of their arrival. */
  save(): SavedFlows {
    const { flows } = this;
    const places = [...flows.places()];
    const saved = emptyFlows(places.length);
    for (const [i, place] of places.entries()) {
      const pair = flows.pair[place] as number;
      const port = this.#uses.high[flows.use[place] as number] as number;
      const ends: readonly (readonly [SlotTable, number])[] = [
        [this.#sources, this.#pairs.low[pair] as number],
        [this.#destinations, this.#pairs.high[pair] as number],
        [this.#ports, port],
      ];
      for (const [k, [table, slot]] of ends.entries()) {
        saved.keys[i * KEY_HALVES + 2 * k] = table.low[slot] as number;
        saved.keys[i * KEY_HALVES + 2 * k + 1] = table.high[slot] as number;
      }
      saved.time[i] = flows.time[place] as number;
      saved.bytes[i] = flows.bytes[place] as number;
      saved.packets[i] = flows.packets[place] as number;
      saved.failed[i] = (flows.marks[place] as number) & FLOW_MARK.failed;
    }
    return saved;
  }

  /** Takes the flow that leaves a window first out of it. */
  leave(window: number): void {
    const { flows } = this;
    const place = flows.oldest(window);
    const pair = flows.pair[place] as number;
    const use = flows.use[place] as number;
    this.#count(window, place, -1);
    if (window === this.#windows - 1) {
      if (((flows.marks[place] as number) & FLOW_MARK.aside) === 0) this.#dropInterval(pair, place);
      this.#freeUnused(pair, use);
    }
    flows.leave(window);
  }

  #count(window: number, place: number, change: 1 | -1): void {
    const { flows } = this;
    const pair = flows.pair[place] as number;
    const use = flows.use[place] as number;
    const source = this.#pairs.low[pair] as number;
    const destination = this.#pairs.high[pair] as number;
    const port = this.#uses.high[use] as number;
    const ofSource = (source * this.#windows + window) * SOURCE.counts;
    const ofDestination = (destination * this.#windows + window) * DESTINATION.counts;
    const ofPort = (port * this.#windows + window) * PORT.counts;
    const failed = (flows.marks[place] as number) & FLOW_MARK.failed ? change : 0;
    count(this.#sources.counts, ofSource + SOURCE.flows, change);
    count(this.#sources.counts, ofSource + SOURCE.failed, failed);
    count(this.#destinations.counts, ofDestination + DESTINATION.flows, change);
    count(this.#ports.counts, ofPort + PORT.flows, change);
    const bytes = change * (flows.bytes[place] as number);
    const sums = (source * this.#windows + window) * SOURCE.sums;
    add(this.#sources.sums, sums + SOURCE.bytes, bytes);
    add(this.#sources.sums, sums + SOURCE.packets, change * (flows.packets[place] as number));
    add(this.#destinations.sums, destination * this.#windows + window, bytes);
    // The first flow of a pair in the window makes the two peers, the last that leaves ends it.
    const ofPair = count(this.#pairs.counts, this.#ofPair(pair) + window, change);
    if (ofPair === (change === 1 ? 1 : 0)) {
      count(this.#sources.counts, ofSource + SOURCE.peers, change);
      count(this.#destinations.counts, ofDestination + DESTINATION.peers, change);
    }
    const ofUse = count(this.#uses.counts, use * this.#windows + window, change);
    if (ofUse === (change === 1 ? 1 : 0)) {
      count(this.#sources.counts, ofSource + SOURCE.ports, change);
      count(this.#ports.counts, ofPort + PORT.peers, change);
    }
  }

  #ofPair(pair: number): number {
    return pair * (this.#windows + PAIR.counts);
  }

  /**
   * Adds the interval from the pair's last flow; false for a flow that began before that one: it is none of those that intervals
   * lie between.
   */
  #addInterval(pair: number, began: number): boolean {
    const { counts, sums } = this.#pairs;
    const row = this.#ofPair(pair) + this.#windows;
    const sequence = this.flows.next;
    if ((counts[row + PAIR.inRow] as number) > 0) {
      const last = this.flows.placeOf(counts[row + PAIR.last] as number);
      const former = this.flows.time[last] as number;
      if (began < former) return false;
      const gap = milliseconds(began - former);
      this.flows.gap[last] = gap;
      add(sums, pair * PAIR.sums + PAIR.gaps, gap);
      add(sums, pair * PAIR.sums + PAIR.squares, gap * gap);
    }
    count(counts, row + PAIR.inRow, 1);
    counts[row + PAIR.last] = sequence;
    return true;
  }

  #dropInterval(pair: number, place: number): void {
    const { counts, sums } = this.#pairs;
    const left = count(counts, this.#ofPair(pair) + this.#windows + PAIR.inRow, -1);
    if (left === 0) return;
    const gap = this.flows.gap[place] as number;
    add(sums, pair * PAIR.sums + PAIR.gaps, -gap);
    add(sums, pair * PAIR.sums + PAIR.squares, -gap * gap);
  }

  /** In the longest window: who has no flow there has none anywhere. */
  #freeUnused(pair: number, use: number): void {
    const longest = this.#windows - 1;
    const source = this.#pairs.low[pair] as number;
    const destination = this.#pairs.high[pair] as number;
    const port = this.#uses.high[use] as number;
    if (this.#pairs.counts[this.#ofPair(pair) + longest] === 0) {
      this.#pairs.counts[this.#ofPair(pair) + this.#windows + PAIR.last] = 0;
      this.#pairs.free(pair);
    }
    if (this.#uses.counts[use * this.#windows + longest] === 0) this.#uses.free(use);
    if (this.#sources.counts[(source * this.#windows + longest) * SOURCE.counts] === 0)
      this.#sources.free(source);
    if (this.#destinations.counts[(destination * this.#windows + longest) * DESTINATION.counts] === 0)
      this.#destinations.free(destination);
    if (this.#ports.counts[(port * this.#windows + longest) * PORT.counts] === 0) this.#ports.free(port);
  }

  #writeHosts(source: number, destination: number, into: Float32Array, at: number): number {
    let to = at;
    for (let window = 0; window < this.#windows; window++) {
      const { counts, sums } = this.#sources;
      const first = (source * this.#windows + window) * SOURCE.counts;
      const sum = (source * this.#windows + window) * SOURCE.sums;
      const flows = counts[first + SOURCE.flows] as number;
      into[to++] = flows;
      if (this.#hasBytes) into[to++] = sums[sum + SOURCE.bytes] as number;
      if (this.#hasPackets) into[to++] = sums[sum + SOURCE.packets] as number;
      into[to++] = counts[first + SOURCE.peers] as number;
      if (this.#hasPorts) into[to++] = counts[first + SOURCE.ports] as number;
      if (this.#hasFailures) into[to++] = flows === 0 ? 0 : (counts[first + SOURCE.failed] as number) / flows;
    }
    for (let window = 0; window < this.#windows; window++) {
      const { counts, sums } = this.#destinations;
      const first = (destination * this.#windows + window) * DESTINATION.counts;
      into[to++] = counts[first + DESTINATION.flows] as number;
      if (this.#hasBytes) into[to++] = sums[destination * this.#windows + window] as number;
      into[to++] = counts[first + DESTINATION.peers] as number;
    }
    return to;
  }

  #writeRest(pair: number, port: number, began: number, now: number, into: Float32Array, at: number): void {
    let to = at;
    const { counts, sums } = this.#pairs;
    const first = this.#ofPair(pair);
    for (let window = 0; window < this.#windows; window++) into[to++] = counts[first + window] as number;
    if (this.#hasPorts) {
      for (let window = 0; window < this.#windows; window++) {
        const ofPort = (port * this.#windows + window) * PORT.counts;
        into[to++] = this.#ports.counts[ofPort + PORT.flows] as number;
        into[to++] = this.#ports.counts[ofPort + PORT.peers] as number;
      }
    }
    const inRow = counts[first + this.#windows + PAIR.inRow] as number;
    if (inRow === 0) {
      into[to++] = this.#longest;
      into[to] = REGULARITY_OF_CHANCE;
      return;
    }
    const last = this.flows.placeOf(counts[first + this.#windows + PAIR.last] as number);
    const former = this.flows.time[last] as number;
    into[to++] = (now - former) / MICROSECONDS_PER_SECOND;
    const gaps = sums[pair * PAIR.sums + PAIR.gaps] as number;
    const squares = sums[pair * PAIR.sums + PAIR.squares] as number;
    const gap = milliseconds(began - former);
    into[to] =
      began < former
        ? regularity(inRow - 1, gaps, squares)
        : regularity(inRow, gaps + gap, squares + gap * gap);
  }
}

/** The coefficient of variation of intervals, from their number, their sum and that of their squares. */
function regularity(intervals: number, sum: number, squares: number): number {
  if (intervals < FEWEST_INTERVALS) return REGULARITY_OF_CHANCE;
  return sum === 0 ? 0 : Math.sqrt(Math.max(0, intervals * squares - sum * sum)) / sum;
}

/** Of whole milliseconds the squares within a day, and their sums, are whole numbers that a double holds. */
function milliseconds(time: number): number {
  return Math.floor(time / MICROSECONDS_PER_MILLISECOND);
}

// Two functions, since one for both kinds of arrays is compiled for neither.
function count(counts: Uint32Array, at: number, change: number): number {
  const sum = (counts[at] as number) + change;
  counts[at] = sum;
  return sum;
}

function add(sums: Float64Array, at: number, change: number): void {
  sums[at] = (sums[at] as number) + change;
}
