import type { EvaluationReport } from "@oddflow/evaluation";
import { table } from "../figure.ts";
import { attackTypeName } from "../figures/attack-detection.ts";
import { html, type Markup, shortText } from "../markup.ts";
import { countText, percentText, plainPercentText, scoreText, thresholdLetter } from "../number-text.ts";
import type { ReportData } from "../report-data.ts";
import { alarmsAt } from "./key-figures.ts";

const MOST_TYPES = 200;
const LONGEST_NAME = 80;

/** What each threshold makes of these flows; undefined without thresholds. */
export function thresholdTable(data: ReportData): Markup | undefined {
  const { scores, labels, thresholds } = data;
  if (thresholds.length === 0 || scores.length === 0) return undefined;
  const isAttack = (row: number): boolean => labels?.isAttack[row] !== 0;
  const isNormal = (row: number): boolean => !isAttack(row);
  const attacks = labels?.evaluation.labels.attack.flows ?? 0;
  const flagged = (threshold: number, flows: number, isAsked: (row: number) => boolean): string =>
    flows === 0 ? "–" : percentText(alarmsAt(data, threshold, isAsked) / flows);
  return table({
    caption: "Thresholds",
    headings: [
      "threshold",
      "score",
      "meant to flag, of usual flows",
      ...(labels ? ["false alarms", "attacks found"] : ["alarms"]),
    ],
    rows: thresholds.map(({ name, value, budget }, i) => [
      html`${thresholdLetter(i)}: ${shortText(name, LONGEST_NAME)}${i === 0 ? html` <em>(in use)</em>` : undefined}`,
      scoreText(value),
      budget === undefined ? "–" : plainPercentText(budget),
      ...(labels
        ? [flagged(value, scores.length - attacks, isNormal), flagged(value, attacks, isAttack)]
        : [flagged(value, scores.length, () => true)]),
    ]),
  });
}

/** Counts, each with its share of its row; undefined without a threshold. */
export function confusionTable({ confusion, classification }: EvaluationReport): Markup | undefined {
  if (confusion === null) return undefined;
  const { trueNegatives, falsePositives, falseNegatives, truePositives } = confusion;
  const cell = (count: number, whole: number): Markup =>
    html`${countText(count)} <small>${whole === 0 ? "–" : percentText(count / whole)}</small>`;
  const normals = trueNegatives + falsePositives;
  const attacks = falseNegatives + truePositives;
  return html`${table({
    caption: "Confusion matrix at the threshold in use",
    headings: ["", "no alarm", "alarm", "all"],
    rows: [
      ["normal flows", cell(trueNegatives, normals), cell(falsePositives, normals), countText(normals)],
      ["attacks", cell(falseNegatives, attacks), cell(truePositives, attacks), countText(attacks)],
    ],
  })}${
    classification === null
      ? undefined
      : table({
          caption: "Precision and recall of either class",
          headings: ["", "precision", "recall", "F1", "flows"],
          rows: (["normal", "attack"] as const).map((name) => {
            const { precision, recall, f1, support } = classification[name];
            return [name, ...[precision, recall, f1].map((rate) => rate.toFixed(4)), countText(support)];
          }),
        })
  }`;
}

/** Detection of each attack type; undefined when the types are not known. */
export function attackTable({ detectionByAttackType: types }: EvaluationReport): Markup | undefined {
  if (types === null || types.length === 0) return undefined;
  const share = (value: number | null): string => (value === null ? "–" : percentText(value));
  return table({
    caption:
      types.length > MOST_TYPES
        ? `Detection of the ${MOST_TYPES} most frequent attacks`
        : "Detection per attack",
    headings: ["attack", "flows", "at the threshold in use", "at 1 % false alarms", "at 5 % false alarms"],
    rows: types
      .slice(0, MOST_TYPES)
      .map((type) => [
        shortText(attackTypeName(type), LONGEST_NAME),
        countText(type.attacks),
        share(type.atThreshold),
        share(type.at1PercentFalseAlarms),
        share(type.at5PercentFalseAlarms),
      ]),
  });
}
