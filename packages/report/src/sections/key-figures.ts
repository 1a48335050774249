import { html, type Markup } from "../markup.ts";
import { countText, numberText, percentText, plainPercentText } from "../number-text.ts";
import type { ReportData } from "../report-data.ts";

/** What a figure is called, the figure, and what it means here. */
export type KeyFigure = readonly [name: string, value: string, meaning: string];

/** A sentence, and a few large figures. */
export function keyFigureList(summary: string, figures: readonly KeyFigure[]): Markup {
  return html`
<p class="summary">${summary}</p>
<dl class="key-figures">${figures.map(
    ([name, value, meaning]) => html`
<div><dt>${name}</dt><dd><b>${value}</b><span>${meaning}</span></dd></div>`,
  )}
</dl>`;
}

/** The first thing on the page: what the detector does, in a sentence and in a few large figures. */
export function keyFigures(data: ReportData): Markup {
  return data.labels
    ? keyFigureList(labelledSummary(data), labelledFigures(data))
    : keyFigureList(unlabelledSummary(data), unlabelledFigures(data));
}

function labelledFigures({ labels }: ReportData): KeyFigure[] {
  if (labels === undefined) return [];
  const { rocAuc, confusion } = labels.evaluation;
  const figures: KeyFigure[] = [];
  if (rocAuc !== null) {
    figures.push([
      "ROC-AUC",
      rocAuc.toFixed(4),
      "the chance that an attack scores higher than a normal flow",
    ]);
  }
  if (confusion === null) return figures;
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = confusion;
  const of = (count: number, whole: number): string => (whole === 0 ? "none" : percentText(count / whole));
  const attacks = truePositives + falseNegatives;
  const normals = falsePositives + trueNegatives;
  const alarms = truePositives + falsePositives;
  figures.push(
    [
      "Attacks found",
      of(truePositives, attacks),
      `${countText(truePositives)} of ${countText(attacks)} attacks`,
    ],
    [
      "False alarms",
      of(falsePositives, normals),
      `${countText(falsePositives)} of ${countText(normals)} normal flows`,
    ],
    [
      "Alarms that are attacks",
      of(truePositives, alarms),
      `${countText(truePositives)} of ${countText(alarms)} alarms`,
    ],
  );
  return figures;
}

function unlabelledFigures(data: ReportData): KeyFigure[] {
  const flows = data.scores.length;
  const threshold = data.thresholds[0];
  const figures: KeyFigure[] = [["Flows", countText(flows), "scored"]];
  if (threshold === undefined || flows === 0) return figures;
  const alarms = alarmsAt(data, threshold.value);
  figures.push(
    ["Alarms", countText(alarms), `${percentText(alarms / flows)} of the flows`],
    ["Threshold", numberText(threshold.value), threshold.name],
  );
  return figures;
}

function labelledSummary(data: ReportData): string {
  const confusion = data.labels?.evaluation.confusion;
  if (!confusion) return "These flows give no threshold, since they are all of one class.";
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = confusion;
  const attacks = truePositives + falseNegatives;
  const normals = falsePositives + trueNegatives;
  const found =
    attacks === 0
      ? "there is no attack to find"
      : `${percentText(truePositives / attacks)} of the attacks are found`;
  const raised =
    normals === 0
      ? "there is no normal flow"
      : `${percentText(falsePositives / normals)} of the normal flows raise a false alarm`;
  return `${thresholdWords(data)}, ${found}, and ${raised}.`;
}

function unlabelledSummary(data: ReportData): string {
  const none = "These flows have no labels, so the page cannot say how many attacks are found.";
  const threshold = data.thresholds[0];
  if (threshold === undefined || data.scores.length === 0) return none;
  const share = alarmsAt(data, threshold.value) / data.scores.length;
  return `${thresholdWords(data)}, ${percentText(share)} of the flows raise an alarm. ${none}`;
}

function thresholdWords({ thresholds: [threshold] }: ReportData): string {
  if (threshold === undefined) return "At the best threshold on these flows";
  return threshold.budget === undefined
    ? `At the threshold in use (${threshold.name})`
    : `At a threshold meant to flag ${plainPercentText(threshold.budget)} of usual flows`;
}

/** How many flows, of those that are asked for, raise an alarm which no rule takes away. */
export function alarmsAt(
  { scores, suppressed }: Pick<ReportData, "scores" | "suppressed">,
  threshold: number,
  isAsked: (row: number) => boolean = () => true,
): number {
  let alarms = 0;
  for (const [row, score] of scores.entries())
    if (score >= threshold && suppressed?.[row] !== 1 && isAsked(row)) alarms++;
  return alarms;
}
