import { ExpectedFlows } from "./expected-flows.ts";
import type { Stretch } from "./host-hours.ts";

const HOUR = 3600;
const DAY_HOURS = 24;

/** What rates go by, for want of days behind it the next. */
export type RatesBy = "hour of the week" | "hour of the day" | "all hours alike";

/** Hours of a baseline from which on rates are told apart. */
const LEAST_HOURS_BY_WEEK = 14 * DAY_HOURS;
const LEAST_HOURS_BY_DAY = 2 * DAY_HOURS;

/** A stretch without a flow in which all hosts together would have sent so many is nobody's silence. */
const OUTAGE_FLOWS = 20;

/**
 * So many stretches of about one length that take up more than this of what was watched lie between the times that a sensor writes, such as full
 * hours; an outage is longer than this many of them.
 */
const LEAST_STEPS = 24;
const MOST_QUIET = 0.5;
const BEYOND_STEPS = 2;

/** A slot in which hosts were never seen is taken for one in which they are as rare as this beside their mean. */
const LEAST_SHAPE = 0.02;

/** What is known of two periods of flows. */
export interface WatchedPeriods {
  /** From the first flow to the last one. */
  readonly baseline: Stretch;
  /** Behind the baseline. */
  readonly recent: Stretch;
  /** Of the baseline: flows, and hosts that sent some, by hours since 1970. */
  readonly hours: readonly { readonly hour: number; readonly flows: number; readonly hosts: number }[];
  /** Where nobody sent a flow for some time. */
  readonly quiet: readonly Stretch[];
  /** The hour of the week, 0 to 167, of an hour since 1970, by the clocks of whom it concerns. */
  readonly hourOfWeek: (hour: number) => number;
}

/** A stretch without a flow of anybody. */
export interface Outage extends Stretch {
  /** How many flows all hosts together usually send in such a stretch. */
  readonly usualFlows: number;
}

/** Which hours were watched, and which of them are alike. */
export class WatchedHours {
  readonly baseline: Stretch;
  readonly recent: Stretch;
  readonly ratesBy: RatesBy;
  /** How many kinds of hours there are. */
  readonly slots: number;
  /** How often hosts are there in each kind of hour, beside their mean. */
  readonly shape: Float64Array;
  readonly outages: readonly Outage[];
  /** The first hour since 1970. */
  readonly #first: number;
  readonly #slotOf: Uint8Array;
  /** How much of each hour is in no outage, 0 to 1. */
  readonly #open: Float64Array;
  /** By days from the first one on, what of the baseline from that day on was watched in each kind of hour; hours. */
  readonly #watchedFrom: readonly Float64Array[];

  constructor({ baseline, recent, hours, quiet, hourOfWeek }: WatchedPeriods) {
    this.baseline = baseline;
    this.recent = recent;
    this.#first = Math.floor(baseline.from / HOUR);
    const count = Math.floor(recent.to / HOUR) - this.#first + 1;
    const spanned = Math.round((baseline.to - baseline.from) / HOUR);
    this.ratesBy =
      spanned >= LEAST_HOURS_BY_WEEK
        ? "hour of the week"
        : spanned >= LEAST_HOURS_BY_DAY
          ? "hour of the day"
          : "all hours alike";
    this.slots = { "hour of the week": 7 * DAY_HOURS, "hour of the day": DAY_HOURS, "all hours alike": 1 }[
      this.ratesBy
    ];
    this.#slotOf = Uint8Array.from({ length: count }, (_, k) => hourOfWeek(this.#first + k) % this.slots);
    this.#open = new Float64Array(count).fill(1);
    this.outages = this.#outages(hours, quiet);
    for (const { from, to } of this.outages)
      this.#eachHour(from, to, (hour, share) => {
        this.#open[hour] = Math.max(0, (this.#open[hour] as number) - share);
      });
    this.#watchedFrom = this.#watchedByDays();
    this.shape = this.#shapeOf(hours);
  }

  /** How many flows are expected at a rate by kinds of hours, in flows an hour, of what was watched. */
  expected(rate: Float64Array): ExpectedFlows {
    const rates = this.#open.map((open, hour) => open * (rate[this.#slotOf[hour] as number] as number));
    return new ExpectedFlows(this.#first, rates);
  }

  /** How long each kind of hour was watched in a stretch; hours. */
  watchedWithin({ from, to }: Stretch): ReadonlyMap<number, number> {
    const watched = new Map<number, number>();
    this.#eachHour(from, to, (hour, share) => {
      const slot = this.#slotOf[hour] as number;
      watched.set(slot, (watched.get(slot) ?? 0) + share * (this.#open[hour] as number));
    });
    return watched;
  }

  /** How long each kind of hour of the baseline was watched from an hour's day on; hours. */
  watchedFrom(hour: number): Float64Array {
    const day = Math.floor((hour - this.#first) / DAY_HOURS);
    return this.#watchedFrom[day] as Float64Array;
  }

  /** The kind of an hour since 1970. */
  slotOf(hour: number): number {
    return this.#slotOf[hour - this.#first] as number;
  }

  /** What of a stretch is in each hour. */
  #eachHour(from: number, to: number, each: (hour: number, share: number) => void): void {
    const last = Math.min(this.#open.length - 1, Math.floor(to / HOUR) - this.#first);
    for (let hour = Math.max(0, Math.floor(from / HOUR) - this.#first); hour <= last; hour++) {
      const start = HOUR * (this.#first + hour);
      const share = (Math.min(to, start + HOUR) - Math.max(from, start)) / HOUR;
      if (share > 0) each(hour, share);
    }
  }

  #outages(hours: WatchedPeriods["hours"], quiet: readonly Stretch[]): readonly Outage[] {
    const flows = new Float64Array(this.slots);
    const seen = new Float64Array(this.slots);
    for (const own of hours) {
      const slot = this.slotOf(own.hour);
      flows[slot] = (flows[slot] as number) + own.flows;
      seen[slot] = (seen[slot] as number) + 1;
    }
    const expected = this.expected(flows.map((sum, slot) => sum / Math.max(1, seen[slot] as number)));
    const found = quiet
      .map(({ from, to }) => ({ from, to, usualFlows: expected.within({ from, to }) }))
      .filter(({ usualFlows }) => usualFlows >= OUTAGE_FLOWS);
    const step = this.#stepBetween(found);
    return found.filter(({ from, to }) => to - from > BEYOND_STEPS * step);
  }

  /** How far the times that are written are from each other, in seconds; 0 where flows come at any time. */
  #stepBetween(quiet: readonly Stretch[]): number {
    const { from, to } = this.baseline;
    const lengths = quiet.filter((own) => own.to <= to).map((own) => own.to - own.from);
    const step = lengths.sort((a, b) => a - b)[lengths.length >> 1] ?? 0;
    const steps = lengths.filter((length) => length <= BEYOND_STEPS * step);
    const sum = (some: readonly number[]): number => some.reduce((total, length) => total + length, 0);
    const watched = to - from - (sum(lengths) - sum(steps));
    return steps.length >= LEAST_STEPS && sum(steps) > MOST_QUIET * watched ? step : 0;
  }

  #watchedByDays(): readonly Float64Array[] {
    const { from, to } = this.baseline;
    const days: Float64Array[] = [];
    const sums = new Float64Array(this.slots);
    const lastHour = Math.floor(to / HOUR) - this.#first;
    for (let day = Math.floor(lastHour / DAY_HOURS); day >= 0; day--) {
      const start = HOUR * (this.#first + DAY_HOURS * day);
      this.#eachHour(Math.max(from, start), Math.min(to, start + DAY_HOURS * HOUR), (hour, share) => {
        const slot = this.#slotOf[hour] as number;
        sums[slot] = (sums[slot] as number) + share * (this.#open[hour] as number);
      });
      days[day] = sums.slice();
    }
    return days;
  }

  #shapeOf(hours: WatchedPeriods["hours"]): Float64Array {
    const watched = this.#watchedFrom[0] as Float64Array;
    const hosts = new Float64Array(this.slots);
    for (const own of hours) {
      const slot = this.slotOf(own.hour);
      hosts[slot] = (hosts[slot] as number) + own.hosts;
    }
    const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
    const mean = total(hosts) / Math.max(1, total(watched));
    return hosts.map((sum, slot) =>
      Math.max(LEAST_SHAPE, sum / Math.max(1, watched[slot] as number) / Math.max(mean, Number.MIN_VALUE)),
    );
  }
}
