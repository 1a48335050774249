import { type HostHours, SilenceCalibration, WatchedHours, type WatchedPeriods } from "../src/index.ts";

const HOUR = 3600;
export const DAY: number = 24 * HOUR;

/** A Monday, 00:00 UTC. */
export const MONDAY = 1_767_571_200;

/** Numbers from 0 to below 1. */
function drawn(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Hosts' flows from `MONDAY` on, in seconds since 1970, in order: servers by day and night, offices on working days, each hour's rate at random. */
export function hostTimes(count: number, days: number, seed: number): number[][] {
  const random = drawn(seed);
  const exponential = (): number => -Math.log(1 - random());
  return Array.from({ length: count }, (_, host) => {
    const usual = 1 + 20 * random();
    const isServer = host % 2 === 0;
    const times: number[] = [];
    for (let hour = 0; hour < 24 * days; hour++) {
      const atWork = hour % 24 >= 8 && hour % 24 < 18 && Math.floor(hour / 24) % 7 < 5;
      const shape = isServer ? 1 - 0.7 * Math.cos((2 * Math.PI * ((hour % 24) - 3)) / 24) : atWork ? 1 : 0;
      // An exponential rate: counts are geometric, and scatter far more than Poisson's.
      const rate = usual * shape * exponential();
      for (let at = exponential() / rate; at < 1; at += exponential() / rate)
        times.push(MONDAY + HOUR * (hour + at));
    }
    return times;
  });
}

/** @param times in order */
function hoursOf(times: readonly number[], baselineEnd: number): HostHours {
  const hours = {
    hour: [] as number[],
    flows: [] as number[],
    last: [] as number[],
    gapFrom: [] as number[],
    gapTo: [] as number[],
    baseline: 0,
  };
  let before = Number.NaN;
  for (const time of times) {
    const isNew =
      Math.floor(time / HOUR) !== Math.floor(before / HOUR) || before < baselineEnd !== time < baselineEnd;
    if (isNew) {
      hours.hour.push(Math.floor(time / HOUR));
      hours.flows.push(0);
      hours.last.push(time);
      hours.gapFrom.push(before);
      hours.gapTo.push(time);
      if (time < baselineEnd) hours.baseline++;
    }
    const k = hours.hour.length - 1;
    hours.flows[k] = (hours.flows[k] as number) + 1;
    hours.last[k] = time;
    if (time - before > (hours.gapTo[k] as number) - (hours.gapFrom[k] as number)) {
      hours.gapFrom[k] = before;
      hours.gapTo[k] = time;
    }
    before = time;
  }
  return hours;
}

export interface Traffic {
  readonly watched: WatchedHours;
  readonly hosts: readonly HostHours[];
}

/** What is to be known of hosts' flows, of which those before `recent.from` are the baseline. */
export function trafficOf(times: readonly (readonly number[])[], recent: WatchedPeriods["recent"]): Traffic {
  const seen = times.map((own) => own.filter((time) => time <= recent.to));
  const all = seen.flat().sort((a, b) => a - b);
  const early = all.filter((time) => time < recent.from);
  const hosts = new Map<number, Set<number>>();
  const flows = new Map<number, number>();
  for (const [host, own] of seen.entries())
    for (const time of own) {
      if (time >= recent.from) break;
      const hour = Math.floor(time / HOUR);
      flows.set(hour, (flows.get(hour) ?? 0) + 1);
      hosts.set(hour, (hosts.get(hour) ?? new Set()).add(host));
    }
  const watched = new WatchedHours({
    baseline: { from: early[0] as number, to: early.at(-1) as number },
    recent,
    hours: [...flows].map(([hour, count]) => ({ hour, flows: count, hosts: hosts.get(hour)?.size ?? 0 })),
    quiet: all.flatMap((to, k) => {
      const from = all[k - 1] ?? to;
      return to - from > 600 ? [{ from, to }] : [];
    }),
    hourOfWeek: (hour) => (((hour - MONDAY / HOUR) % 168) + 168) % 168,
  });
  return { watched, hosts: seen.map((own) => hoursOf(own, recent.from)) };
}

export function calibrated({ watched, hosts }: Traffic): SilenceCalibration {
  const calibration = new SilenceCalibration(watched);
  for (const host of hosts) calibration.add(host);
  return calibration;
}
