import { contextColumns, countedColumns } from "./context-columns.ts";
import { ContextCounters } from "./context-counters.ts";
import { type ContextFlow, emptyContextFlow, microseconds } from "./context-flow.ts";
import type { ContextSpec } from "./context-spec.ts";
import { CounterPrefetch, PREFETCHED_FLOWS } from "./counter-prefetch.ts";
import { hourOfWeek } from "./hour-of-week.ts";
import type { PackedContextFlows } from "./packed-context-flows.ts";
import { type ContextCounts, type SavedContext, savedFlow } from "./saved-context.ts";

/** Flows that are kept at most; 261 bytes for each of them is the most that two windows take, 550 MB in all. */
const MOST_FLOWS = 2 ** 21;

/** So many flows in a row that come too late say that the clock was set back, or that another recording has begun. */
const FLOWS_OF_ANOTHER_CLOCK = 100;

/**
 * The context of flows as they come: what the windows before each of them hold.
 *
 * A flow j is in flow i's window of w seconds when it came before it and t(i) - t(j) < w. Flows that come in the order of their
 * times so have the context that a table gives them. For one that comes late, after a flow that began later, windows end at the
 * latest time so far; it leaves others' windows by its own time. One that is late by the longest window or more counts as if it
 * had begun at the latest time; of FLOWS_OF_ANOTHER_CLOCK such in a row, the last begins everything anew.
 *
 * Counts are exact. A flow costs the same however many there are, on average. Memory grows with the flows in the longest window,
 * up to `mostFlows`: one more, and the oldest is let go.
 */
export class ContextState {
  readonly spec: ContextSpec;
  /** How many columns a flow's context has. */
  readonly width: number;
  readonly counts: Readonly<ContextCounts>;
  readonly #counts: ContextCounts = { evicted: 0, tooLate: 0, restarts: 0, unplaced: 0 };
  readonly #mostFlows: number;
  /** All that is counted of a flow; and the places of what is asked for, where that is not all. */
  readonly #counted: Float32Array;
  readonly #places: Uint32Array | undefined;
  readonly #hasHour: boolean;
  /** In microseconds. */
  readonly #windows: Float64Array;
  /** Where each window begins that ends with the latest flow. */
  readonly #ends: Float64Array;
  readonly #flow = emptyContextFlow();
  readonly #prefetch: CounterPrefetch;
  #counters: ContextCounters;
  #now = Number.NEGATIVE_INFINITY;
  #tooLateInARow = 0;

  constructor(spec: ContextSpec, mostFlows: number = MOST_FLOWS) {
    this.spec = spec;
    const counted = countedColumns(spec);
    const names = contextColumns(spec).map(({ name }) => name);
    this.width = names.length;
    this.#counted = new Float32Array(counted.length);
    this.#hasHour = spec.calendar === true;
    if (counted.length > names.length) {
      this.#places = Uint32Array.from(names, (name) => counted.findIndex((column) => column.name === name));
    }
    this.counts = this.#counts;
    this.#mostFlows = mostFlows;
    this.#windows = Float64Array.from(spec.windows, microseconds);
    this.#ends = new Float64Array(spec.windows.length);
    this.#prefetch = new CounterPrefetch(spec.windows.length);
    this.#counters = new ContextCounters(spec, mostFlows);
  }

  /**
   * Writes a flow's context to the `width` places of `into` from `at` on, in the order of `contextColumns`, and takes the flow
   * into that of those to come. Without a time after 1970 began, a source or a destination all is NaN, and it is taken into none.
   */
  add(flow: ContextFlow, into: Float32Array, at: number): void {
    const time = microseconds(flow.time);
    // Exporters write 0 for a time that they do not know: such flows did not all come at once.
    if (!(time > 0 && Number.isFinite(time))) {
      this.#counts.unplaced++;
      into.fill(Number.NaN, at, at + this.width);
      return;
    }
    const began = this.#believed(time);
    this.#advance(began);
    while (this.#counters.flows.size >= this.#mostFlows) this.#evict();
    if (this.#places === undefined) {
      this.#counters.add(flow, began, this.#now, this.#ends, into, at);
      if (this.#hasHour) into[at + this.width - 1] = hourOfWeek(flow.time);
      return;
    }
    this.#counters.add(flow, began, this.#now, this.#ends, this.#counted, 0);
    if (this.#hasHour) this.#counted[this.#counted.length - 1] = hourOfWeek(flow.time);
    for (let k = 0; k < this.width; k++) into[at + k] = this.#counted[this.#places[k] as number] as number;
  }

  /** The same for the first of packed flows, which takes less time. @param into row-major `[count, width]` */
  addAll(flows: PackedContextFlows, count: number, into: Float32Array): void {
    for (let first = 0; first < count; first += PREFETCHED_FLOWS) {
      const next = Math.min(count, first + PREFETCHED_FLOWS);
      this.#prefetch.read(this.#counters, flows, first, next);
      for (let row = first; row < next; row++) {
        flows.get(row, this.#flow);
        this.add(this.#flow, into, row * this.width);
      }
    }
  }

  /** What it takes to go on from here, its keys' own key aside. */
  save(): Omit<SavedContext, "hashKey"> {
    return {
      spec: this.spec,
      now: Number.isFinite(this.#now) ? this.#now : null,
      tooLateInARow: this.#tooLateInARow,
      counts: { ...this.#counts },
      flows: this.#counters.save(),
    };
  }

  /** A state that goes on where one was saved: it counts the same from then on. */
  static restore(
    { spec, now, tooLateInARow, counts, flows }: SavedContext,
    mostFlows?: number,
  ): ContextState {
    const state = new ContextState(spec, mostFlows);
    Object.assign(state.#counts, counts);
    state.#tooLateInARow = tooLateInARow;
    const everything = new Float64Array(spec.windows.length).fill(Number.NEGATIVE_INFINITY);
    let latest = Number.NEGATIVE_INFINITY;
    for (const [i, began] of flows.time.entries()) {
      latest = Math.max(latest, began);
      state.#counters.add(savedFlow(flows, i), began, latest, everything, undefined, 0);
    }
    if (now !== null) state.#advance(now);
    return state;
  }

  /** When a flow counts to have begun. */
  #believed(time: number): number {
    if (this.#now - time < (this.#windows[this.#windows.length - 1] as number)) {
      this.#tooLateInARow = 0;
      return time;
    }
    this.#counts.tooLate++;
    if (++this.#tooLateInARow < FLOWS_OF_ANOTHER_CLOCK) return this.#now;
    this.#tooLateInARow = 0;
    this.#counts.restarts++;
    this.#counters = new ContextCounters(this.spec, this.#mostFlows);
    this.#now = time;
    return time;
  }

  #advance(time: number): void {
    if (time > this.#now) this.#now = time;
    const { flows } = this.#counters;
    for (let window = 0; window < this.#windows.length; window++) {
      const end = this.#now - (this.#windows[window] as number);
      this.#ends[window] = end;
      while ((flows.firstTimes[window] as number) <= end) this.#counters.leave(window);
    }
  }

  /** The oldest flow of the longest window is that of each other window that it is in. */
  #evict(): void {
    this.#counts.evicted++;
    const { flows } = this.#counters;
    const oldest = flows.oldest(this.#windows.length - 1);
    for (let window = 0; window < this.#windows.length; window++) {
      if (flows.oldest(window) === oldest) this.#counters.leave(window);
    }
  }
}
