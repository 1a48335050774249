import { HostJudge, SilenceCalibration, type Stretch } from "@oddflow/detector";
import { mulberry32 } from "./generated-hosts.ts";
import { type HostFlows, hoursOf, watch } from "./host-flows.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Each host is stopped so often, at random times. */
const STOPS = 4;

/** The peer's hours without a flow, from the least on. */
const PEER_HOURS: readonly number[] = Array.from({ length: 80 }, (_, k) => Math.round(4 * 1.12 ** k) / 4);

export interface SilenceCase {
  readonly hosts: readonly HostFlows[];
  /** Where the baseline ends and what is judged begins. */
  readonly baselineEnd: number;
  readonly to: number;
  /** What one run of the command judges; seconds. */
  readonly run: number;
  /** Hosts are stopped before this: enough of the time is left to miss them. */
  readonly stopBefore: number;
  readonly hostsADay: number;
  readonly seed: number;
}

/** How long one host that stopped was not missed, by either; hours, infinite where the flows end before. */
export interface Delay {
  readonly kind: string;
  readonly own: number;
  readonly peer: number;
}

export interface SilenceFigures {
  /** Hosts that can be missed. */
  readonly hosts: number;
  /** Usual hosts that were called silent, and fallen, a day. */
  readonly silentADay: number;
  readonly fallenADay: number;
  /** The peer's hours without a flow: the fewest with which it calls no more hosts silent. */
  readonly peerHours: number;
  readonly peerADay: number;
  readonly delays: readonly Delay[];
}

/** Judges usual flows run by run, and hosts that stop, beside "no flow for so many hours". */
export function measureSilence(own: SilenceCase): SilenceFigures {
  const { hosts, baselineEnd, to, run } = own;
  const all: Stretch = { from: baselineEnd, to };
  const baseline = hosts.map(({ times }) => hoursOf(times, { from: baselineEnd, to: baselineEnd }));
  const watched = watch(hosts, baselineEnd, all);
  const calibration = new SilenceCalibration(watched);
  for (const host of baseline) calibration.add(host);
  const levels = calibration.levels(own.hostsADay);
  const judge = new HostJudge(watched, levels);
  const known = hosts.filter(({ times }) => !/seldom|new/.test(judge.judge(hoursOf(times, all)).kind));
  const days = (to - baselineEnd) / DAY;
  let [silent, fallen] = [0, 0];
  const silences: Stretch[] = [];
  for (let from = baselineEnd; from < to; from += run) {
    const recent = { from, to: Math.min(to, from + run) };
    // The baseline stays; what comes behind it and before the run is no more than watched.
    const seen = new HostJudge(watch(hosts, baselineEnd, recent), levels);
    for (const { times } of known) {
      const hours = hoursOf(times, recent);
      const { kind } = seen.judge({
        ...hours,
        baseline: hours.hour.filter((hour) => HOUR * hour < baselineEnd).length,
      });
      if (kind === "silent") silent++;
      if (kind === "fallen") fallen++;
      silences.push({ from: hours.last.at(-1) as number, to: recent.to });
    }
  }
  const peerCalls = (hours: number): number =>
    silences.filter((own) => own.to - own.from >= HOUR * hours && own.to - run - own.from < HOUR * hours)
      .length;
  const peerHours = PEER_HOURS.find((hours) => peerCalls(hours) <= silent) ?? Number.POSITIVE_INFINITY;
  return {
    hosts: known.length,
    silentADay: silent / days,
    fallenADay: fallen / days,
    peerHours,
    peerADay: peerCalls(peerHours) / days,
    delays: stopHosts(known, judge, peerHours, own),
  };
}

function stopHosts(
  known: readonly HostFlows[],
  judge: HostJudge,
  peerHours: number,
  { baselineEnd, to, stopBefore, seed }: SilenceCase,
): Delay[] {
  const random = mulberry32(seed);
  return known.flatMap(({ kind, times }) =>
    Array.from({ length: STOPS }, (): Delay => {
      const stop = baselineEnd + random() * (stopBefore - baselineEnd);
      const kept = times.filter((time) => time < stop);
      const found = judge.judge(hoursOf(kept, { from: baselineEnd, to }));
      const last = kept.at(-1) as number;
      const delay = (at: number): number =>
        at > to ? Number.POSITIVE_INFINITY : Math.max(0, at - stop) / HOUR;
      return {
        kind,
        own:
          found.kind === "silent"
            ? delay(found.missedAt)
            : found.kind === "silent before"
              ? 0
              : Number.POSITIVE_INFINITY,
        peer: delay(last + HOUR * peerHours),
      };
    }),
  );
}
