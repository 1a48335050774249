import { alignedLines, printableName } from "@oddflow/evaluation";
import { rate } from "../progress.ts";
import type { Listed, SilenceReport } from "./silence-report.ts";

const NAME_WIDTH = 40;
const SHOWN = 10;

const HOUR = 3600;
const DAY = 86_400;

/** The section of drift's report for a person. */
export function formatSilence(report: SilenceReport): string {
  const { by, silent, fallen, outages, baseline, recent, ratesBy, zone } = report;
  const days = ((baseline.to - baseline.from) / DAY).toFixed(1);
  const lines = [
    `Hosts by ${printableName(by, NAME_WIDTH)}: ${rate(report.hosts)} that came in six hours or more of the ${days} days before, ` +
      `rates by ${ratesBy === "all hours alike" ? "no hour" : `${ratesBy} (${zone})`}; by ${timeText(recent.to)}`,
  ];
  if (silent.count > 0)
    lines.push(
      "",
      ...table(silent, ["silent", "last flow", "for", "longest before", "flows a day"], (own) => [
        printableName(own.host, NAME_WIDTH),
        timeText(own.since),
        lengthText(recent.to - own.since),
        lengthText(own.longestSilence),
        rate(own.flowsADay),
      ]),
    );
  if (fallen.count > 0)
    lines.push(
      "",
      ...table(fallen, ["fell far", "flows", "usually"], (own) => [
        printableName(own.host, NAME_WIDTH),
        rate(own.flows),
        rate(own.expected),
      ]),
    );
  if (outages.count > 0)
    lines.push(
      "",
      ...table(outages, ["nobody sent", "until", "for", "flows usually"], (own) => [
        timeText(own.from),
        timeText(own.to),
        lengthText(own.to - own.from),
        rate(own.usualFlows),
      ]),
    );
  return [
    ...lines,
    "",
    `silent     ${hosts(silent.count)}, ${rate(silent.neverCameAgain)} of them without a flow in these; ${rate(report.silentBefore)} more were silent before`,
    ratesBy === "all hours alike"
      ? "fell       not looked for, since the baseline is of less than two days"
      : `fell       ${hosts(fallen.count)} to half or less, and below all before`,
    `budget     ${report.budget} of usual hosts may be called silent or fallen`,
    `new        ${hosts(report.new)}; ${rate(report.seldom)} came too seldom before to be missed, ${rate(report.seldomGone)} of them not again`,
    "",
  ].join("\n");
}

function table<T>(
  { count, listed }: Listed<T>,
  header: readonly string[],
  cells: (own: T) => readonly string[],
): readonly string[] {
  const more = count - SHOWN;
  return [
    ...alignedLines([header, ...listed.slice(0, SHOWN).map(cells)]),
    ...(more > 0 ? [`  and ${rate(more)} more`] : []),
  ];
}

function hosts(count: number): string {
  return `${rate(count)} ${count === 1 ? "host" : "hosts"}`;
}

function timeText(seconds: number): string {
  return `${new Date(1000 * seconds).toISOString().slice(0, 16)}Z`;
}

function lengthText(seconds: number): string {
  if (seconds < HOUR) return `${Math.ceil(seconds / 60)} min`;
  return seconds < 3 * DAY ? `${(seconds / HOUR).toFixed(1)} h` : `${(seconds / DAY).toFixed(1)} days`;
}
