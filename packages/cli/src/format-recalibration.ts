import type { Recalibration } from "@oddflow/detector";
import { shiftInWords } from "./format-drift.ts";
import { formatQuality } from "./format-summary.ts";
import { rate } from "./progress.ts";

/** What recalibrating came to, for a person. */
export function formatRecalibration(report: Recalibration): string {
  const { flows, missing, unseen, median, threshold, shareOverTrained, score, leftOut, youdenDropped } =
    report;
  return [
    `flows      ${rate(flows)} recent ones`,
    formatQuality({ missing, unseen: new Map(Object.entries(unseen)) }).trimEnd(),
    `score      median ${figure(median.before)} before, ${figure(median.now)} now; PSI ${score.psi.toFixed(3)}: ${shiftInWords(score)}`,
    `alarms     ${percent(shareOverTrained)} of the recent flows reach the threshold for 1 % that the model was trained with`,
    `left out   ${percent(leftOut)} of the recent flows, the highest scores, as attacks (--contamination SHARE says how many)`,
    `threshold  for 1 %: ${figure(threshold.before)} before, ${figure(threshold.now)} now`,
    ...(youdenDropped
      ? ["dropped    the threshold that was chosen on labels (Youden J): it says nothing of recent flows"]
      : []),
    "",
  ].join("\n");
}

function figure(score: number): string {
  return score.toPrecision(4);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
