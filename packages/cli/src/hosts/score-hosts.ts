import { type HostActivity, HostBaseline } from "@oddflow/detector";
import { OddflowError, timeSpan } from "@oddflow/preprocessing";
import type { HostWindow, WrittenHostWindow } from "@oddflow/tables";
import type { AlertBudget } from "../threshold-choice.ts";

const DAY = 86_400;

export interface ScoredHosts {
  /** In the order in which they were given. */
  readonly hosts: readonly WrittenHostWindow[];
  readonly threshold: number;
  /** The share of usual host windows that may alarm. */
  readonly share: number;
  /** Of what the threshold is made from. */
  readonly usual: { readonly windows: number; readonly seconds: number };
}

export interface HostScoring {
  /** Of earlier flows, at least one; undefined where the windows have to do for it themselves. */
  readonly usual: readonly HostWindow[] | undefined;
  /** Whether a host is held to what it did itself among the usual ones. */
  readonly knowsHosts: boolean;
  readonly budget: AlertBudget;
  readonly windowSeconds: number;
}

/**
 * Scores host windows beside usual ones.
 * @param windows at least one
 * @throws OddflowError TABLE_EMPTY where no usual window has a time that can be
 */
export function scoreHosts(
  windows: readonly HostWindow[],
  { usual = windows, knowsHosts, budget, windowSeconds }: HostScoring,
): ScoredHosts {
  const baseline = new HostBaseline(usual.map(activity), knowsHosts);
  const seconds = secondsOf(usual, windowSeconds);
  const share =
    "share" in budget
      ? budget.share
      : Math.min(1, (budget.alarms * seconds) / (budget.seconds * usual.length));
  const threshold = baseline.threshold(share);
  const hosts = windows.map((window): WrittenHostWindow => {
    const score = baseline.score(activity(window));
    return { ...window, score, probability: baseline.rarity(score), isAnomaly: score >= threshold };
  });
  return { hosts, threshold, share, usual: { windows: usual.length, seconds } };
}

function activity({ host, network, inverseSum }: HostWindow): HostActivity {
  return { host: JSON.stringify([network, host]), inverseSum };
}

/**
 * How long traffic was watched: from the first window's start to the last one's end, but of days (UTC) without a flow nothing. Times that
 * cannot be do not count.
 */
function secondsOf(windows: readonly HostWindow[], windowSeconds: number): number {
  const span = timeSpan(Float64Array.from(windows, ({ start }) => start));
  if (span === undefined) throw new OddflowError("TABLE_EMPTY", "hosts: no flow has a host and a time");
  const days = new Set<number>();
  for (const { start } of windows)
    if (start >= span.first && start <= span.last) days.add(Math.floor(start / DAY));
  return Math.min(span.last - span.first + windowSeconds, days.size * Math.max(DAY, windowSeconds));
}
