import { rate } from "./progress.ts";
import type { ScoreTableSummary } from "./score-table.ts";
import { oneLine } from "./terminal.ts";

/** What was scored, in lines for the terminal; `began` is when, on `performance`'s clock. */
export function formatSummary(
  summary: Omit<ScoreTableSummary, "oddest">,
  threshold: number,
  began: number,
): string {
  const { flows, alerts, missing, unseen } = summary;
  const seconds = (performance.now() - began) / 1000;
  const share = flows === 0 ? 0 : (100 * alerts) / flows;
  const unseenText = [...unseen].map(([column, count]) => `${oneLine(column)} ${rate(count)}`).join(", ");
  return [
    `flows      ${rate(flows)} in ${seconds.toFixed(1)} s, ${rate(flows / seconds)} flows/s`,
    `alerts     ${rate(alerts)} (${share.toFixed(2)} %), score ${threshold.toPrecision(4)} or more`,
    `unseen     ${unseenText === "" ? "no category that the model does not know" : unseenText}`,
    `missing    ${rate(missing)} values`,
    "",
  ].join("\n");
}
