import * as Plot from "@observablehq/plot";
import { type EvaluationReport, precisionRecallCurve, rocCurve } from "@oddflow/evaluation";
import { ATTACK_COLOUR, drawFigure, THRESHOLD_COLOUR } from "../draw.ts";
import { figure, type LegendEntry, legend } from "../figure.ts";
import { html, type Markup } from "../markup.ts";
import { percentText, plainPercentText } from "../number-text.ts";
import type { ReportData } from "../report-data.ts";
import { type Curve, thinCurve } from "../thin-curve.ts";

const AT_THRESHOLD: LegendEntry = ["dot", "threshold", "at the threshold in use"];
const HEIGHT = 360;
const LIKE: (value: number) => number = (value) => value;

interface CurvePoint {
  readonly x: number;
  readonly y: number;
}

/** ROC curves, over all false alarms and over few, and the precision-recall curve; none when a class has no flow. */
export function detectionCurves({ scores, labels }: ReportData): Markup[] {
  if (labels === undefined || labels.evaluation.rocAuc === null) return [];
  const { isAttack, evaluation } = labels;
  const { falsePositiveRate, truePositiveRate } = rocCurve(scores, isAttack);
  const roc = { x: falsePositiveRate, y: truePositiveRate };
  const { precision, recall } = precisionRecallCurve(scores, isAttack);
  return [
    rocFigure(roc, evaluation),
    fewFalseAlarmsFigure(roc, evaluation),
    precisionRecallFigure({ x: recall.slice().reverse(), y: precision.slice().reverse() }, evaluation),
  ];
}

function rocFigure(roc: Curve, evaluation: EvaluationReport): Markup {
  const area = (evaluation.rocAuc ?? 0).toFixed(4);
  const operating = operatingPoint(evaluation);
  return figure({
    id: "roc",
    title: "ROC curve",
    legend: legend([
      ["line", "attack", "this detector"],
      ["dashes", "", "guessing"],
      ...shownIf(operating, AT_THRESHOLD),
    ]),
    drawing: drawFigure(
      {
        height: HEIGHT,
        x: percentAxis("false alarms, of the normal flows"),
        y: percentAxis("attacks found"),
        marks: [
          Plot.line([[0, 0], [1, 1]], { strokeDasharray: "4,4", strokeOpacity: 0.7 }), // biome-ignore format: one line reads better
          Plot.line(points(thinCurve(roc, LIKE, LIKE)), {
            x: "x",
            y: "y",
            stroke: ATTACK_COLOUR,
            strokeWidth: 2,
          }),
          operatingDot(operating),
        ],
      },
      `ROC curve with an area of ${area}. ${detectionWords(evaluation)}`,
    ),
    caption: html`How many attacks are found for how many false alarms, over all thresholds. The area under it, ROC-AUC, is <b>${area}</b>: the chance that an attack scores higher than a normal flow.`,
  });
}

function fewFalseAlarmsFigure(roc: Curve, evaluation: EvaluationReport): Markup {
  const normals = evaluation.labels.normal.flows;
  // Below one false alarm there is nothing to see.
  const low = Math.min(0.01, Math.max(1e-5, 1 / normals));
  const position = (rate: number): number => 1 + Math.log(Math.max(rate, low) / low) / Math.log(low);
  const curve = thinCurve(
    { x: roc.x.map((rate) => Math.max(rate, low)), y: roc.y },
    (x) => 1 - position(x),
    LIKE,
  );
  const operating = operatingPoint(evaluation);
  return figure({
    id: "roc-few",
    title: "Attacks found at few false alarms",
    legend: legend([["line", "attack", "this detector"], ...shownIf(operating, AT_THRESHOLD)]),
    drawing: drawFigure(
      {
        height: HEIGHT,
        x: {
          ...percentAxis("false alarms, of the normal flows (logarithmic)"),
          type: "log",
          domain: [low, 1],
          ticks: [1e-5, 1e-4, 1e-3, 0.01, 0.1, 1].filter((tick) => tick >= low),
        },
        y: percentAxis("attacks found"),
        marks: [
          Plot.line(points(curve), {
            x: "x",
            y: "y",
            stroke: ATTACK_COLOUR,
            strokeWidth: 2,
            curve: "step-after",
          }),
          operatingDot(operating && { x: Math.max(operating.x, low), y: operating.y }),
        ],
      },
      `The same ROC curve with a logarithmic axis of false alarms. ${detectionWords(evaluation)}`,
    ),
    caption: `The left end of the ROC curve, stretched: detectors that people leave running work at few false alarms. ${detectionWords(evaluation)}`,
  });
}

function precisionRecallFigure(curve: Curve, evaluation: EvaluationReport): Markup {
  const { confusion, labels, prAuc } = evaluation;
  const { share } = labels.attack;
  const area = (prAuc ?? 0).toFixed(4);
  const flagged = confusion ? confusion.truePositives + confusion.falsePositives : 0;
  const operating =
    confusion && flagged > 0
      ? { x: confusion.truePositives / labels.attack.flows, y: confusion.truePositives / flagged }
      : undefined;
  return figure({
    id: "precision-recall",
    title: "Precision and recall",
    legend: legend([
      ["line", "attack", "this detector"],
      ["dashes", "", "guessing"],
      ...shownIf(operating, AT_THRESHOLD),
    ]),
    drawing: drawFigure(
      {
        height: HEIGHT,
        x: percentAxis("attacks found (recall)"),
        y: percentAxis("alarms that are attacks (precision)"),
        marks: [
          Plot.ruleY([share], { strokeDasharray: "4,4", strokeOpacity: 0.7 }),
          Plot.line(points(thinCurve(curve, LIKE, LIKE)), {
            x: "x",
            y: "y",
            stroke: ATTACK_COLOUR,
            strokeWidth: 2,
            // Average precision sums the same steps: between two thresholds nothing is interpolated.
            curve: "step-before",
          }),
          operatingDot(operating),
        ],
      },
      `Precision-recall curve with an average precision of ${area}; guessing would have ${percentText(share)}.`,
    ),
    caption: html`How many alarms are attacks, for how many attacks found. Average precision (PR-AUC) is <b>${area}</b>; guessing has ${percentText(share)}, the share of attacks among these flows. Where attacks are rarer, precision is lower.`,
  });
}

function operatingPoint({ confusion, labels }: EvaluationReport): CurvePoint | undefined {
  if (confusion === null) return undefined;
  return {
    x: confusion.falsePositives / labels.normal.flows,
    y: confusion.truePositives / labels.attack.flows,
  };
}

function operatingDot(point: CurvePoint | undefined): Plot.Markish {
  return Plot.dot(point ? [point] : [], {
    x: "x",
    y: "y",
    r: 5,
    fill: THRESHOLD_COLOUR,
    stroke: "var(--page)",
    clip: false,
  });
}

function shownIf(point: CurvePoint | undefined, entry: LegendEntry): LegendEntry[] {
  return point === undefined ? [] : [entry];
}

function percentAxis(label: string): Plot.ScaleOptions {
  return {
    domain: [0, 1],
    label,
    labelArrow: "none",
    grid: true,
    ticks: 5,
    tickFormat: plainPercentText,
  };
}

function points({ x, y }: Curve): CurvePoint[] {
  return Array.from(x, (value, i) => ({ x: value, y: y[i] ?? 0 }));
}

function detectionWords({
  detectionAt1PercentFalseAlarms: one,
  detectionAt5PercentFalseAlarms: five,
}: EvaluationReport): string {
  if (one === null || five === null) return "";
  return `At ${plainPercentText(0.01)} of false alarms ${percentText(one.detection)} of the attacks are found, at ${plainPercentText(0.05)} it is ${percentText(five.detection)}.`;
}
