import { type HostHours, type Stretch, WatchedHours } from "@oddflow/detector";

const HOUR = 3600;

/** Where nobody sends for so many seconds is told, as `readHostHours` tells it. */
const QUIET = 600;

/** One host's flows. */
export interface HostFlows {
  readonly kind: string;
  /** Seconds since 1970, in order. */
  readonly times: readonly number[];
}

/** The hours of a host's flows up to a time. */
export function hoursOf(times: readonly number[], recent: Stretch): HostHours {
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
    if (time > recent.to) break;
    const hour = Math.floor(time / HOUR);
    const isBaseline = time < recent.from;
    if (hour !== hours.hour.at(-1) || (!isBaseline && before < recent.from)) {
      hours.hour.push(hour);
      hours.flows.push(0);
      hours.last.push(time);
      hours.gapFrom.push(before);
      hours.gapTo.push(time);
      if (isBaseline) hours.baseline++;
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

/** What is to be known of hosts' flows, of which those before `baselineEnd` are the baseline. */
export function watch(hosts: readonly HostFlows[], baselineEnd: number, recent: Stretch): WatchedHours {
  const hours = new Map<number, { flows: number; hosts: number }>();
  const all: number[] = [];
  for (const { times } of hosts) {
    let before = Number.NaN;
    for (const time of times) {
      if (time > recent.to) break;
      all.push(time);
      if (time >= baselineEnd) continue;
      const hour = Math.floor(time / HOUR);
      const own = hours.get(hour) ?? { flows: 0, hosts: 0 };
      hours.set(hour, { flows: own.flows + 1, hosts: own.hosts + (hour === before ? 0 : 1) });
      before = hour;
    }
  }
  const sorted = Float64Array.from(all).sort();
  const quiet: Stretch[] = [];
  for (let k = 1; k < sorted.length; k++) {
    const [from, to] = [sorted[k - 1] as number, sorted[k] as number];
    if (to - from > QUIET) quiet.push({ from, to });
  }
  return new WatchedHours({
    baseline: {
      from: sorted[0] as number,
      to: sorted.findLast((time) => time < baselineEnd) as number,
    },
    recent,
    hours: [...hours].map(([hour, own]) => ({ hour, ...own })),
    quiet,
    // 1970 began with a Thursday.
    hourOfWeek: (hour) => (((hour + 72) % 168) + 168) % 168,
  });
}
