import { rate } from "./progress.ts";
import type { ScoreTableSummary } from "./score-table.ts";
import { oneLine } from "./terminal.ts";

/** What was scored, in lines for the terminal; `began` is when, on `performance`'s clock. */
export function formatSummary(
  summary: Omit<ScoreTableSummary, "oddest"> & { readonly absent?: readonly string[] },
  threshold: number,
  began: number,
): string {
  const { flows, alerts, suppressed, missing, unseen, absent = [] } = summary;
  const seconds = (performance.now() - began) / 1000;
  const share = flows === 0 ? 0 : (100 * alerts) / flows;
  return [
    `flows      ${rate(flows)} in ${seconds.toFixed(1)} s, ${rate(flows / seconds)} flows/s`,
    `alerts     ${rate(alerts)} (${share.toFixed(2)} %), score ${threshold.toPrecision(4)} or more`,
    ...formatSuppressed(suppressed),
    formatQuality({ missing, unseen }, absent),
  ].join("\n");
}

/** How many alarms rules took away, a line each. */
export function formatSuppressed(suppressed: ReadonlyMap<string, number>): readonly string[] {
  return [...suppressed].map(([rule, count]) => `suppressed ${rate(count)} by ${oneLine(rule)}`);
}

/**
 * What the model could not read of the flows as it reads others, in two lines.
 * @param absent columns that no flow had a value of
 */
export function formatQuality(
  { missing, unseen }: Pick<ScoreTableSummary, "missing" | "unseen">,
  absent: readonly string[] = [],
): string {
  const unseenText = [...unseen].map(([column, count]) => `${oneLine(column)} ${rate(count)}`).join(", ");
  return (
    `unseen     ${unseenText === "" ? "no category that the model does not know" : unseenText}\n` +
    `missing    ${rate(missing)} values${absentText(absent)}\n`
  );
}

/** So many columns are named. */
const MOST_NAMED = 5;

function absentText(absent: readonly string[]): string {
  if (absent.length === 0) return "";
  const rest = absent.length - MOST_NAMED;
  const names = absent.slice(0, MOST_NAMED).map(oneLine).join(", ");
  return `; no flow had ${names}${rest > 0 ? ` and ${rest} more ${rest === 1 ? "column" : "columns"}` : ""}`;
}
