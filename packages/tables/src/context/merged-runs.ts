import { closeSync, openSync, readSync } from "node:fs";
import { type ContextFlow, emptyContextFlow } from "@oddflow/preprocessing";
import { type ContextRun, FLOW_BYTES, FLOW_NUMBERS, HALF } from "./context-run.ts";
import type { TimeStretch } from "./input-reader.ts";

/** All runs' flows that wait in memory, and the fewest of one run. */
const [WAITING_FLOWS, FEWEST_WAITING] = [1 << 19, 64];

/** So many of one run are worth a reading. */
const MOST_WAITING = 4096;

/**
 * The flows of several runs in the order of their times, those of one time in the order of the runs. What waits in memory of them is
 * bounded, however many there are: 64 flows of each run at least, and half a million in all where that is more.
 */
export class MergedRuns {
  /** The run of the flow that came last, and its row there. */
  run: number = 0;
  row: number = 0;
  /** In the unit of the table's time column. */
  time: number = Number.NaN;
  /** Written into; its time is in seconds. */
  readonly flow: ContextFlow = emptyContextFlow();
  readonly #unitsPerSecond: number;
  readonly #until: number;
  readonly #files = new Map<string, number>();
  /** A binary heap: the run whose next flow is the first one comes first. */
  readonly #heap: RunCursor[] = [];
  #isBegun = false;

  constructor(runs: readonly ContextRun[], { from, until, unitsPerSecond }: TimeStretch) {
    this.#unitsPerSecond = unitsPerSecond;
    this.#until = until;
    const waiting = Math.min(
      MOST_WAITING,
      Math.max(FEWEST_WAITING, Math.floor(WAITING_FLOWS / Math.max(1, runs.length))),
    );
    for (const [place, run] of runs.entries()) {
      if (run.flows === 0 || run.to < from || run.from >= until) continue;
      this.#heap.push(new RunCursor(place, run, this.#fileOf(run.path), waiting, from));
    }
    for (let at = (this.#heap.length >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  /** Goes to the next flow; false where there is none. */
  next(): boolean {
    const heap = this.#heap;
    let first = heap[0];
    if (first === undefined) return false;
    if (this.#isBegun) {
      if (!first.advance()) {
        const last = heap.pop() as RunCursor;
        if (heap.length === 0) return false;
        if (last !== first) heap[0] = last;
      }
      this.#sink(0);
      first = heap[0] as RunCursor;
    }
    this.#isBegun = true;
    if (first.time >= this.#until) return false;
    this.run = first.place;
    this.time = first.time;
    this.row = first.read(this.flow);
    this.flow.time = first.time / this.#unitsPerSecond;
    return true;
  }

  close(): void {
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
  }

  #fileOf(path: string): number {
    const file = this.#files.get(path) ?? openSync(path, "r");
    this.#files.set(path, file);
    return file;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const moved = heap[from] as RunCursor;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as RunCursor, heap[child] as RunCursor))
        child++;
      if (!isBefore(heap[child] as RunCursor, moved)) break;
      heap[at] = heap[child] as RunCursor;
      at = child;
    }
    heap[at] = moved;
  }
}

function isBefore(one: RunCursor, other: RunCursor): boolean {
  return one.time < other.time || (one.time === other.time && one.place < other.place);
}

/** Goes through a run from a time on. */
class RunCursor {
  /** Of the runs. */
  readonly place: number;
  /** The flow's time. */
  time: number;
  readonly #run: ContextRun;
  readonly #file: number;
  readonly #waiting: number;
  #numbers = new Float64Array();
  #halves = new Uint32Array();
  /** The flow that stands first in memory, how many do, and which of them it is. */
  #first: number;
  #held = 0;
  #at = 0;

  constructor(place: number, run: ContextRun, file: number, waiting: number, from: number) {
    this.place = place;
    this.#run = run;
    this.#file = file;
    this.#waiting = waiting;
    this.#first = run.from >= from ? 0 : this.#find(from);
    this.time = this.#first === 0 ? run.from : this.#timeOf(this.#first);
  }

  /** Goes to the next flow; false where there is none. */
  advance(): boolean {
    if (this.#held === 0) this.#fill();
    this.#at++;
    if (this.#at === this.#held) {
      this.#first += this.#held;
      if (this.#first === this.#run.flows) return false;
      this.#fill();
    }
    this.time = this.#numbers[this.#at * FLOW_NUMBERS] as number;
    return true;
  }

  /** Reads the flow but for its time, and gives its row. */
  read(flow: ContextFlow): number {
    if (this.#held === 0) this.#fill();
    const numbers = this.#numbers;
    const halves = this.#halves;
    const at = this.#at * FLOW_NUMBERS;
    const half = 2 * at;
    flow.bytes = numbers[at + 1] as number;
    flow.packets = numbers[at + 2] as number;
    flow.sourceLow = halves[half + HALF.sourceLow] as number;
    flow.sourceHigh = halves[half + HALF.sourceHigh] as number;
    flow.destinationLow = halves[half + HALF.destinationLow] as number;
    flow.destinationHigh = halves[half + HALF.destinationHigh] as number;
    flow.portLow = halves[half + HALF.portLow] as number;
    flow.portHigh = halves[half + HALF.portHigh] as number;
    flow.failed = halves[half + HALF.failed] === 1;
    return halves[half + HALF.row] as number;
  }

  #fill(): void {
    const flows = Math.min(this.#waiting, this.#run.flows - this.#first);
    if (this.#numbers.length < flows * FLOW_NUMBERS) {
      this.#numbers = new Float64Array(flows * FLOW_NUMBERS);
      this.#halves = new Uint32Array(this.#numbers.buffer);
    }
    this.#readFlows(this.#numbers, this.#first, flows * FLOW_BYTES);
    this.#held = flows;
    this.#at = 0;
  }

  /** The first flow at a time or behind it. */
  #find(from: number): number {
    let [low, high] = [0, this.#run.flows - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#timeOf(middle) < from) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #timeOf(flow: number): number {
    const time = new Float64Array(1);
    this.#readFlows(time, flow, 8);
    return time[0] as number;
  }

  #readFlows(into: Float64Array, first: number, bytes: number): void {
    const { path, offset } = this.#run;
    const target = new Uint8Array(into.buffer, 0, bytes);
    for (let done = 0; done < bytes; ) {
      const read = readSync(this.#file, target, done, bytes - done, offset + first * FLOW_BYTES + done);
      if (read === 0) throw new Error(`context: ${path} ends before the flows of its run at ${offset}`);
      done += read;
    }
  }
}
