import { type HostVerdict, scoreHosts } from "@oddflow/detector";
import type { ColumnFilter } from "../choosing/column-filter.ts";
import type { JudgedFlows } from "../scoring/judged-flows.ts";
import { hostFilters } from "./host-filters.ts";
import { countHostWindows, type TalliedWindow, type WindowsRequest } from "./host-windows.ts";

/** What is asked of hosts. */
export interface HostsRequest extends WindowsRequest {
  /** Hosts that usual traffic may alarm in a day. */
  readonly alarmsADay: number;
}

/** A host window as the page shows it. */
export interface ShownHost extends Omit<TalliedWindow & HostVerdict, "network" | "inverseSum" | "row"> {
  /** What chooses the flows of its host. */
  readonly filters: readonly ColumnFilter[];
}

/** Hosts of a table, in figures, and the oddest of their windows. */
export interface ShownHosts {
  readonly hosts: number;
  readonly windows: number;
  readonly alarms: number;
  readonly alarmingHosts: number;
  readonly threshold: number;
  /** The share of usual host windows that may alarm, 0 to 1, and how long they were watched, in seconds. */
  readonly share: number;
  readonly seconds: number;
  /** Flows without a host or a time. */
  readonly leftOut: number;
  /** The oddest first, as many as are shown. */
  readonly oddest: readonly ShownHost[];
}

/** Why there are none: the table says not who, not when, or neither of the same flow. */
export type NoHosts = "addresses" | "times" | "flows";

const DAY = 86_400;

/** As many windows as somebody looks through. */
const SHOWN_HOSTS = 50;

/** Scores a table's hosts beside each other, as `oddflow hosts` does without a baseline. */
export function scoreTableHosts(
  judged: JudgedFlows,
  { alarmsADay, ...request }: HostsRequest,
): ShownHosts | NoHosts {
  const found = countHostWindows(judged, request);
  if (typeof found === "string") return found;
  if (found.windows.length === 0) return "flows";
  const { hosts, threshold, share, usual } = scoreHosts(found.windows, {
    usual: undefined,
    knowsHosts: false,
    budget: { alarms: alarmsADay, seconds: DAY },
    windowSeconds: request.seconds,
  });
  const alarming = hosts.filter(({ isAnomaly }) => isAnomaly);
  const count = (some: readonly TalliedWindow[]): number => new Set(some.map(({ host }) => host)).size;
  return {
    hosts: count(hosts),
    windows: hosts.length,
    alarms: alarming.length,
    alarmingHosts: count(alarming),
    threshold,
    share,
    seconds: usual.seconds,
    leftOut: found.leftOut,
    oddest: hosts
      .toSorted((one, other) => other.score - one.score)
      .slice(0, SHOWN_HOSTS)
      .map(({ network, inverseSum, row, ...shown }) => ({
        ...shown,
        filters: hostFilters(judged.table, request.entity, row),
      })),
  };
}
