import { OddflowError, timeSpan } from "@oddflow/preprocessing";
import { type HostActivity, HostBaseline } from "./host-scores.ts";

const DAY = 86_400;

/** What a host did in a window of time, as it is counted from its flows. */
export interface CountedWindow {
  readonly host: string;
  /** Null where there is one network, or a flow names none. */
  readonly network: string | null;
  /** Seconds since 1970. */
  readonly start: number;
  /** As in `HostActivity`. */
  readonly inverseSum: number;
}

/** What is said of a host window. */
export interface HostVerdict {
  /** Higher is odder. */
  readonly score: number;
  readonly isAnomaly: boolean;
  /** The share of usual host windows that score as high, 0 to 1. */
  readonly probability: number;
}

/** Host windows with their scores, and what the threshold was made from. */
export interface ScoredHosts<Window extends CountedWindow> {
  /** In the order in which they were given. */
  readonly hosts: readonly (Window & HostVerdict)[];
  readonly threshold: number;
  /** The share of usual host windows that may alarm. */
  readonly share: number;
  /** Of what the threshold is made from. */
  readonly usual: { readonly windows: number; readonly seconds: number };
}

/** How host windows are scored, and which of them alarm. */
export interface HostScoring {
  /** Of earlier flows, at least one; undefined where the windows have to do for it themselves. */
  readonly usual: readonly CountedWindow[] | undefined;
  /** Whether a host is held to what it did itself among the usual ones. */
  readonly knowsHosts: boolean;
  /** What usual traffic may raise: a share of the host windows, 0 to 1, or a number of hosts in some seconds. */
  readonly budget: { readonly share: number } | { readonly alarms: number; readonly seconds: number };
  readonly windowSeconds: number;
}

/**
 * Scores host windows beside usual ones.
 * @param windows at least one
 * @throws OddflowError TABLE_EMPTY where no usual window has a time that can be
 */
export function scoreHosts<Window extends CountedWindow>(
  windows: readonly Window[],
  { usual = windows, knowsHosts, budget, windowSeconds }: HostScoring,
): ScoredHosts<Window> {
  const baseline = new HostBaseline(usual.map(activity), knowsHosts);
  const seconds = secondsOf(usual, windowSeconds);
  const share =
    "share" in budget
      ? budget.share
      : Math.min(1, (budget.alarms * seconds) / (budget.seconds * usual.length));
  const threshold = baseline.threshold(share);
  const hosts = windows.map((window) => {
    const score = baseline.score(activity(window));
    return { ...window, score, probability: baseline.rarity(score), isAnomaly: score >= threshold };
  });
  return { hosts, threshold, share, usual: { windows: usual.length, seconds } };
}

function activity({ host, network, inverseSum }: CountedWindow): HostActivity {
  return { host: JSON.stringify([network, host]), inverseSum };
}

/**
 * How long traffic was watched: from the first window's start to the last one's end, but of days (UTC) without a flow nothing. Times that
 * cannot be do not count.
 */
function secondsOf(windows: readonly CountedWindow[], windowSeconds: number): number {
  const span = timeSpan(Float64Array.from(windows, ({ start }) => start));
  if (span === undefined) throw new OddflowError("TABLE_EMPTY", "hosts: no flow has a host and a time");
  const days = new Set<number>();
  for (const { start } of windows)
    if (start >= span.first && start <= span.last) days.add(Math.floor(start / DAY));
  return Math.min(span.last - span.first + windowSeconds, days.size * Math.max(DAY, windowSeconds));
}
