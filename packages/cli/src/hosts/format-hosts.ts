import type { ScoredHosts } from "@oddflow/detector";
import { alignedLines, printableName } from "@oddflow/evaluation";
import type { HostWindow, WrittenHostWindow } from "@oddflow/tables";
import { rate } from "../progress.ts";

const NAME_WIDTH = 40;

/** The oddest host windows as a table for a person; empty where none is to be shown. */
export function formatOddestHosts(hosts: readonly WrittenHostWindow[], count: number): string {
  const oddest = hosts.toSorted((one, other) => other.score - one.score).slice(0, count);
  if (oddest.length === 0) return "";
  const rows = oddest.map((host) => [
    printableName(host.network === null ? host.host : `${host.network}: ${host.host}`, NAME_WIDTH),
    `${new Date(1000 * host.start).toISOString().slice(0, 16)}Z`,
    host.score.toFixed(3),
    rate(host.flows),
    rate(host.alarms),
    printableName(host.topColumns ?? "", NAME_WIDTH),
  ]);
  const withTop = oddest.some(({ topColumns }) => topColumns !== null);
  const header = ["host", "from", "score", "flows", "alarms", ...(withTop ? ["oddest flow by"] : [])];
  return `The oddest hosts\n${alignedLines([header, ...rows.map((row) => row.slice(0, header.length))]).join("\n")}\n\n`;
}

/** What was done, in lines. */
export function formatHostSummary(
  { hosts, threshold, share, usual }: ScoredHosts<HostWindow>,
  window: string,
): string {
  const alarms = hosts.filter(({ isAnomaly }) => isAnomaly);
  const named = (some: readonly WrittenHostWindow[]): string =>
    rate(new Set(some.map(({ network, host }) => JSON.stringify([network, host]))).size);
  const days = (usual.seconds / 86_400).toFixed(1);
  const mayAlarm = share > 0 ? `one in ${rate(1 / share)}` : "none";
  return [
    `hosts      ${named(hosts)} in ${rate(hosts.length)} windows of ${window}`,
    `alarms     ${rate(alarms.length)}, of ${named(alarms)} hosts, score ${threshold.toFixed(3)} or more`,
    `usual      ${rate(usual.windows)} host windows in ${days} days; ${mayAlarm} may alarm`,
    "",
  ].join("\n");
}
