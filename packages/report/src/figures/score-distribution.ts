import * as Plot from "@observablehq/plot";
import { ATTACK_COLOUR, drawFigure, NORMAL_COLOUR, THRESHOLD_COLOUR } from "../draw.ts";
import { figure, legend } from "../figure.ts";
import { type Markup, shortText } from "../markup.ts";
import { numberText, plainPercentText, thresholdLetter } from "../number-text.ts";
import type { ReportData, ReportThreshold } from "../report-data.ts";
import { binEdges, binShares, type ValueAxis, valueAxis } from "../value-axis.ts";

const FEWEST_BINS = 20;
const MOST_BINS = 80;
/** A letter's width as a share of the axis, and its height in units. */
const LETTER_WIDTH = 0.04;
const LINE_HEIGHT = 16;

/** How the scores are spread, of either class where it is known, with the thresholds on them. */
export function scoreDistributionFigure({
  scores,
  suppressed,
  labels,
  thresholds,
}: ReportData): Markup | undefined {
  if (!scores.some((score) => Number.isFinite(score))) return undefined;
  const axis = valueAxis(scores);
  const bins = binCount(scores.length);
  const edges = binEdges(axis, bins);
  const isAttack = labels?.isAttack;
  const normal = binShares(scores, axis, bins, (row) => isAttack === undefined || isAttack[row] === 0);
  const attack = isAttack && binShares(scores, axis, bins, (row) => isAttack[row] !== 0);
  const marks = thresholdMarks(thresholds, axis);
  const drawing = drawFigure(
    {
      height: 310,
      marginTop: 44 + LINE_HEIGHT * Math.max(0, ...marks.map(({ line }) => line)),
      x: { type: axis.type, domain: [...axis.domain], label: "score", ticks: 6, tickFormat: numberText },
      y: {
        label: isAttack ? "share of the class's flows" : "share of the flows",
        labelArrow: "none",
        grid: true,
        ticks: 5,
        tickFormat: plainPercentText,
      },
      marks: [
        ...bars(edges, normal, NORMAL_COLOUR),
        ...(attack ? bars(edges, attack, ATTACK_COLOUR) : []),
        Plot.ruleY([0]),
        ...drawThresholds(marks),
      ],
    },
    alternative(thresholds, isAttack !== undefined, axis),
  );
  return figure({
    id: "scores",
    title: isAttack ? "Scores of normal and attack traffic" : "Scores",
    legend: legend([
      ["area", "normal", isAttack ? "normal flows" : "all flows"],
      ...(isAttack ? [["area", "attack", "attacks"] as const] : []),
      ...marks.map(
        ({ letter, threshold: { name, value }, inUse }) =>
          [
            inUse ? "dashes" : "dots",
            "threshold",
            `${letter}: ${shortText(name, 60)}, ${numberText(value)}`,
          ] as const,
      ),
    ]),
    drawing,
    caption: `${
      isAttack
        ? "Each class adds up to 100 %, whatever its size. The less the two overlap, the better. "
        : "Flows to the right are the odd ones. "
    }A flow at or to the right of the threshold in use raises an alarm${
      suppressed === undefined ? "" : ", unless a rule takes it away"
    }.${
      axis.type === "log"
        ? " The score axis is logarithmic: each step to the right multiplies the score."
        : ""
    }`,
  });
}

/** By the Rice rule, twice the cube root: few flows make no smooth picture. */
function binCount(flows: number): number {
  return Math.min(MOST_BINS, Math.max(FEWEST_BINS, Math.round(2 * Math.cbrt(flows))));
}

/** Bars that touch: an outline over a light fill, so that one class does not hide the other. */
function bars(edges: Float64Array, shares: Float64Array, colour: string): Plot.Markish[] {
  const points = Array.from({ length: shares.length }, (_, bin) => [
    { x: edges[bin] ?? 0, y: shares[bin] ?? 0 },
    { x: edges[bin + 1] ?? 0, y: shares[bin] ?? 0 },
  ]).flat();
  return [
    Plot.areaY(points, { x: "x", y1: 0, y2: "y", fill: colour, fillOpacity: 0.3 }),
    Plot.lineY(points, { x: "x", y: "y", stroke: colour, strokeWidth: 1.5 }),
  ];
}

interface ThresholdMark {
  readonly letter: string;
  readonly threshold: ReportThreshold;
  readonly inUse: boolean;
  /** Lines above the plot: letters that would touch stand on different ones. */
  readonly line: number;
}

/** The thresholds that lie on the axis, each with the letter that it has in the table of thresholds, too. */
function thresholdMarks(thresholds: readonly ReportThreshold[], axis: ValueAxis): ThresholdMark[] {
  const lastOnLine: number[] = [];
  return thresholds
    .map((threshold, i) => ({ threshold, letter: thresholdLetter(i), inUse: i === 0 }))
    .filter(({ threshold: { value } }) => value >= axis.domain[0] && value <= axis.domain[1])
    .sort((a, b) => a.threshold.value - b.threshold.value)
    .map((mark) => {
      const position = positionOn(axis, mark.threshold.value);
      const free = lastOnLine.findIndex((last) => position - last > LETTER_WIDTH);
      const line = free === -1 ? lastOnLine.length : free;
      lastOnLine[line] = position;
      return { ...mark, line };
    });
}

function drawThresholds(marks: readonly ThresholdMark[]): Plot.Markish[] {
  return marks.flatMap(({ letter, threshold, inUse, line }) => [
    Plot.ruleX([threshold.value], {
      stroke: THRESHOLD_COLOUR,
      strokeWidth: inUse ? 2 : 1.25,
      strokeDasharray: inUse ? "6,3" : "2,3",
      insetTop: -LINE_HEIGHT * line - 2,
    }),
    Plot.text([letter], {
      x: [threshold.value],
      frameAnchor: "top",
      lineAnchor: "bottom",
      dy: -LINE_HEIGHT * line - 7,
      fontWeight: inUse ? 700 : 400,
    }),
  ]);
}

function positionOn({ type, domain: [low, high] }: ValueAxis, value: number): number {
  return type === "log" ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

function alternative(
  thresholds: readonly ReportThreshold[],
  labelled: boolean,
  { domain }: ValueAxis,
): string {
  const named = thresholds.map(({ name, value }) => `${name} at ${numberText(value)}`).join(", ");
  return (
    `Histogram of the scores ${labelled ? "of normal flows and of attacks" : "of all flows"}, ` +
    `from ${numberText(domain[0])} to ${numberText(domain[1])}.${named ? ` Thresholds: ${named}.` : ""}`
  );
}
