import type { ExpectedFlows } from "./expected-flows.ts";
import type { HostHours, Stretch } from "./host-hours.ts";
import type { SentFlows } from "./lost-rate.ts";
import type { RateBlocks } from "./rate-blocks.ts";
import { UsualSilences } from "./usual-silences.ts";
import type { WatchedHours } from "./watched-hours.ts";

const HOUR = 3600;

/** A host that sent flows in fewer hours of the baseline is too seldom there to be missed. */
const LEAST_HOURS = 6;

/** An hour with more flows than so many times its median hour counts as that many: one transfer says nothing of other weeks. */
const MOST_OF_MEDIAN = 3;

/** A host's rate in a kind of hour is mixed with what all hosts show there as if that had been seen so many times its median hour. */
const SHAPE_WEIGHT = 4;

/** What one host usually does, by its flows of a baseline. */
export class UsualHost {
  readonly silences: UsualSilences;
  /** Days of the baseline since it was first seen. */
  readonly days: number;
  readonly flows: number;
  /** Seconds. */
  readonly longestSilence: number;
  readonly #hours: HostHours;
  readonly #watched: WatchedHours;
  /** Flows of its median hour, which the next two are in. */
  readonly #median: number;
  readonly #expected: ExpectedFlows;
  /** What it sent in the baseline, by kinds of hours. */
  readonly #seen: Float64Array;
  /** How long the baseline was watched since its first day, by kinds of hours. */
  readonly #since: Float64Array;
  /** The mean of what it sent in an hour, of all kinds. */
  readonly #mean: number;

  /** @param hours of which `isKnown` */
  constructor(hours: HostHours, watched: WatchedHours) {
    this.#hours = hours;
    this.#watched = watched;
    const { baseline, flows, hour, gapFrom, gapTo } = hours;
    this.#median = flows.slice(0, baseline).sort((a, b) => a - b)[baseline >> 1] as number;
    this.#seen = new Float64Array(watched.slots);
    for (let k = 0; k < baseline; k++) {
      const slot = watched.slotOf(hour[k] as number);
      this.#seen[slot] = (this.#seen[slot] as number) + this.#counted(k);
    }
    this.#since = watched.watchedFrom(hour[0] as number);
    this.#mean = total(this.#seen) / total(this.#since);
    this.#expected = watched.expected(this.#seen.map((_, slot) => this.#rate(slot, 0, 0)));
    this.days = total(this.#since) / 24;
    this.flows = total(flows.slice(0, baseline));
    const gaps = gapFrom
      .slice(0, baseline)
      .map((from, k): Stretch => ({ from, to: gapTo[k] as number }))
      .filter(({ from }) => !Number.isNaN(from));
    this.longestSilence = gaps.reduce((longest, { from, to }) => Math.max(longest, to - from), 0);
    this.silences = new UsualSilences(gaps.map((gap) => this.#expected.within(gap)));
  }

  static isKnown({ baseline }: HostHours): boolean {
    return baseline >= LEAST_HOURS;
  }

  /** When a silence since a time has come to so many expected flows; infinite where that is not before the end. */
  reached(from: number, expected: number): number {
    return this.#expected.reached(from, expected);
  }

  /** What it sent in so many hours before an end behind the baseline; an hour with more than usual counts as in the baseline. */
  sent(length: number, end: number): SentFlows {
    const { hour, baseline } = this.#hours;
    let flows = 0;
    for (let k = hour.length - 1; k >= baseline && (hour[k] as number) >= end - length; k--)
      if ((hour[k] as number) < end) flows += this.#counted(k);
    const expected = this.#expected.within({ from: HOUR * (end - length), to: HOUR * end });
    return { flows: this.#median * flows, expected: this.#median * expected };
  }

  /**
   * What it sent in stretches of the baseline, and what is expected of each by all others, as of one behind the baseline.
   * @returns none of those that begin before it was first seen
   */
  sentBefore({ length, ends }: RateBlocks): SentFlows[] {
    const { hour, baseline } = this.#hours;
    const behind = ends[0] as number;
    const sent = new Map<number, Map<number, number>>();
    for (let k = 0; k < baseline; k++) {
      const own = hour[k] as number;
      const end = behind - length * Math.floor((behind - 1 - own) / length);
      const bySlot = sent.get(end) ?? new Map<number, number>();
      const slot = this.#watched.slotOf(own);
      sent.set(end, bySlot.set(slot, (bySlot.get(slot) ?? 0) + this.#counted(k)));
    }
    return ends
      .filter((end) => end - length >= (hour[0] as number))
      .map((end) => {
        let [flows, expected] = [0, 0];
        const stretch = { from: HOUR * (end - length), to: HOUR * end };
        for (const [slot, watched] of this.#watched.watchedWithin(stretch)) {
          const own = sent.get(end)?.get(slot) ?? 0;
          flows += own;
          expected += watched * this.#rate(slot, own, watched);
        }
        return { flows: this.#median * flows, expected: this.#median * expected };
      });
  }

  /**
   * Of a kind of hour: the mean of a gamma distribution, its own counts mixed with what all hosts show.
   * @param sent is left out of its counts, and `watched` of how long they took
   */
  #rate(slot: number, sent: number, watched: number): number {
    const usual = this.#mean * (this.#watched.shape[slot] as number);
    const hours = Math.max(0, (this.#since[slot] as number) - watched);
    return (SHAPE_WEIGHT + (this.#seen[slot] as number) - sent) / (SHAPE_WEIGHT / usual + hours);
  }

  #counted(place: number): number {
    return Math.min(MOST_OF_MEDIAN, (this.#hours.flows[place] as number) / this.#median);
  }
}

function total(values: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k] as number;
  return sum;
}
