import { ArrivedFlows, FLOW_MARK } from "./arrived-flows.ts";
import { type ContextFlow, countable } from "./context-flow.ts";
import type { ContextSpec } from "./context-spec.ts";
import { PAIR, PairIntervals } from "./pair-intervals.ts";
import { emptyFlows, KEY_HALVES, type SavedFlows } from "./saved-context.ts";
import { KEY_WORDS, SlotTable } from "./slot-table.ts";

// Which counter is which: its word within those of a window, or, of sums, which are doubles, half of that.
const SOURCE = { bytes: 0, packets: 1, flows: 4, failed: 5, peers: 6, ports: 7, words: 8 } as const;
const DESTINATION = { bytes: 0, flows: 2, peers: 3, words: 4 } as const;
const PORT = { flows: 0, peers: 1, words: 2 } as const;

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
  readonly sources: SlotTable;
  readonly destinations: SlotTable;
  readonly ports: SlotTable;
  /** By the slots of source and destination. */
  readonly pairs: SlotTable;
  /** By the slots of source and port. */
  readonly uses: SlotTable;
  readonly #intervals: PairIntervals;

  constructor({ windows, bytes, packets, port, failed }: ContextSpec, mostFlows: number) {
    const count = windows.length;
    this.flows = new ArrivedFlows(count);
    this.#windows = count;
    this.#longest = windows[count - 1] as number;
    this.#hasBytes = bytes.length > 0;
    this.#hasPackets = packets.length > 0;
    this.#hasPorts = port !== undefined;
    this.#hasFailures = failed !== undefined;
    this.sources = new SlotTable(count * SOURCE.words, mostFlows);
    this.destinations = new SlotTable(count * DESTINATION.words, mostFlows);
    this.ports = new SlotTable(count * PORT.words, mostFlows);
    this.pairs = new SlotTable(PAIR.flows + count, mostFlows);
    this.#intervals = new PairIntervals(this.pairs, this.flows);
    this.uses = new SlotTable(count, mostFlows);
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
    const source = this.sources.take(flow.sourceLow, flow.sourceHigh);
    const destination = this.destinations.take(flow.destinationLow, flow.destinationHigh);
    const port = this.ports.take(flow.portLow, flow.portHigh);
    const pair = this.pairs.take(source, destination);
    const use = this.uses.take(source, port);
    if (into !== undefined) {
      const next = this.#writeHosts(source, destination, into, at);
      this.#writeRest(pair, port, began, now, into, next);
    }
    const isAside = !this.#intervals.add(pair, began);
    const marks =
      (flow.failed ? FLOW_MARK.failed : 0) |
      (began < now ? FLOW_MARK.late : 0) |
      (isAside ? FLOW_MARK.aside : 0);
    const bytes = countable(flow.bytes);
    const packets = countable(flow.packets);
    this.flows.push(began, pair, use, bytes, packets, marks, ends);
    const failed = flow.failed ? 1 : 0;
    for (let window = 0; window < this.#windows; window++) {
      if (began <= (ends[window] as number)) continue;
      this.#countHosts(window, source, destination, 1, failed, bytes, packets);
      this.#countPeers(window, source, destination, port, pair, use, 1);
    }
  }

  /** The flows of the longest window, in the order of their arrival. */
  save(): SavedFlows {
    const { flows } = this;
    const places = [...flows.places()];
    const saved = emptyFlows(places.length);
    for (const [i, place] of places.entries()) {
      const [source, destination] = keyOf(this.pairs, flows.pair(place));
      const [, port] = keyOf(this.uses, flows.use(place));
      const halves = [
        ...keyOf(this.sources, source),
        ...keyOf(this.destinations, destination),
        ...keyOf(this.ports, port),
      ];
      saved.keys.set(halves, i * KEY_HALVES);
      saved.time[i] = flows.time(place);
      saved.bytes[i] = flows.bytes(place);
      saved.packets[i] = flows.packets(place);
      saved.failed[i] = flows.marks(place) & FLOW_MARK.failed;
    }
    return saved;
  }

  /** Takes the flow that leaves a window first out of it. */
  leave(window: number): void {
    const { flows } = this;
    const place = flows.oldest(window);
    const pair = flows.pair(place);
    const use = flows.use(place);
    const marks = flows.marks(place);
    const pairs = this.pairs;
    const source = pairs.words[pair * pairs.stride] as number;
    const destination = pairs.words[pair * pairs.stride + 1] as number;
    const port = this.uses.words[use * this.uses.stride + 1] as number;
    const failed = marks & FLOW_MARK.failed ? -1 : 0;
    this.#countHosts(window, source, destination, -1, failed, -flows.bytes(place), -flows.packets(place));
    this.#countPeers(window, source, destination, port, pair, use, -1);
    if (window === this.#windows - 1) {
      if ((marks & FLOW_MARK.aside) === 0) this.#intervals.drop(pair, place);
      this.#freeUnused(source, destination, port, pair, use);
    }
    flows.leave(window);
  }

  #countHosts(
    window: number,
    source: number,
    destination: number,
    change: 1 | -1,
    failed: number,
    bytes: number,
    packets: number,
  ): void {
    const sources = this.sources;
    const ofSource = source * sources.stride + KEY_WORDS + window * SOURCE.words;
    add(sources.doubles, ofSource / 2 + SOURCE.bytes, bytes);
    add(sources.doubles, ofSource / 2 + SOURCE.packets, packets);
    count(sources.words, ofSource + SOURCE.flows, change);
    count(sources.words, ofSource + SOURCE.failed, failed);
    const destinations = this.destinations;
    const ofDestination = destination * destinations.stride + KEY_WORDS + window * DESTINATION.words;
    add(destinations.doubles, ofDestination / 2 + DESTINATION.bytes, bytes);
    count(destinations.words, ofDestination + DESTINATION.flows, change);
  }

  #countPeers(
    window: number,
    source: number,
    destination: number,
    port: number,
    pair: number,
    use: number,
    change: 1 | -1,
  ): void {
    const sources = this.sources;
    const ports = this.ports;
    const ofSource = source * sources.stride + KEY_WORDS + window * SOURCE.words;
    const ofPort = port * ports.stride + KEY_WORDS + window * PORT.words;
    count(ports.words, ofPort + PORT.flows, change);
    // The first flow of a pair in the window makes the two peers, the last that leaves ends it.
    const end = change === 1 ? 1 : 0;
    const pairs = this.pairs;
    if (count(pairs.words, pair * pairs.stride + KEY_WORDS + PAIR.flows + window, change) === end) {
      const destinations = this.destinations;
      const ofDestination = destination * destinations.stride + KEY_WORDS + window * DESTINATION.words;
      count(sources.words, ofSource + SOURCE.peers, change);
      count(destinations.words, ofDestination + DESTINATION.peers, change);
    }
    const uses = this.uses;
    if (count(uses.words, use * uses.stride + KEY_WORDS + window, change) === end) {
      count(sources.words, ofSource + SOURCE.ports, change);
      count(ports.words, ofPort + PORT.peers, change);
    }
  }

  /** In the longest window: who has no flow there has none anywhere. */
  #freeUnused(source: number, destination: number, port: number, pair: number, use: number): void {
    const longest = this.#windows - 1;
    freeWithout(this.pairs, pair, PAIR.flows + longest);
    freeWithout(this.uses, use, longest);
    freeWithout(this.sources, source, longest * SOURCE.words + SOURCE.flows);
    freeWithout(this.destinations, destination, longest * DESTINATION.words + DESTINATION.flows);
    freeWithout(this.ports, port, longest * PORT.words + PORT.flows);
  }

  #writeHosts(source: number, destination: number, into: Float32Array, at: number): number {
    let to = at;
    const sources = this.sources;
    for (let window = 0; window < this.#windows; window++) {
      const first = source * sources.stride + KEY_WORDS + window * SOURCE.words;
      const flows = sources.words[first + SOURCE.flows] as number;
      into[to++] = flows;
      if (this.#hasBytes) into[to++] = sources.doubles[first / 2 + SOURCE.bytes] as number;
      if (this.#hasPackets) into[to++] = sources.doubles[first / 2 + SOURCE.packets] as number;
      into[to++] = sources.words[first + SOURCE.peers] as number;
      if (this.#hasPorts) into[to++] = sources.words[first + SOURCE.ports] as number;
      if (this.#hasFailures)
        into[to++] = flows === 0 ? 0 : (sources.words[first + SOURCE.failed] as number) / flows;
    }
    const destinations = this.destinations;
    for (let window = 0; window < this.#windows; window++) {
      const first = destination * destinations.stride + KEY_WORDS + window * DESTINATION.words;
      into[to++] = destinations.words[first + DESTINATION.flows] as number;
      if (this.#hasBytes) into[to++] = destinations.doubles[first / 2 + DESTINATION.bytes] as number;
      into[to++] = destinations.words[first + DESTINATION.peers] as number;
    }
    return to;
  }

  #writeRest(pair: number, port: number, began: number, now: number, into: Float32Array, at: number): void {
    let to = at;
    const pairs = this.pairs;
    const ofPair = pair * pairs.stride + KEY_WORDS + PAIR.flows;
    for (let window = 0; window < this.#windows; window++)
      into[to++] = pairs.words[ofPair + window] as number;
    if (this.#hasPorts) {
      const ports = this.ports;
      for (let window = 0; window < this.#windows; window++) {
        const ofPort = port * ports.stride + KEY_WORDS + window * PORT.words;
        into[to++] = ports.words[ofPort + PORT.flows] as number;
        into[to++] = ports.words[ofPort + PORT.peers] as number;
      }
    }
    this.#intervals.write(pair, began, now, this.#longest, into, to);
  }
}

/** The two halves of a slot's key. */
function keyOf({ words, stride }: SlotTable, slot: number): readonly [number, number] {
  return [(words[slot * stride] as number) >>> 0, (words[slot * stride + 1] as number) >>> 0];
}

function freeWithout(table: SlotTable, slot: number, flows: number): void {
  if (table.words[slot * table.stride + KEY_WORDS + flows] === 0) table.free(slot);
}

// Two functions, since one for both kinds of arrays is compiled for neither.
function count(counts: Int32Array, at: number, change: number): number {
  const sum = (counts[at] as number) + change;
  counts[at] = sum;
  return sum;
}

function add(sums: Float64Array, at: number, change: number): void {
  sums[at] = (sums[at] as number) + change;
}
