import * as Plot from "@observablehq/plot";
import { binEdges, binShares, numberText, plainPercentText, type ValueAxis } from "@oddflow/report/look";
import { ALARMS_COLOUR, draw, FLOWS_COLOUR } from "./draw.ts";

const FEWEST_BINS = 20;
const MOST_BINS = 80;

/** How scores are spread over bins. */
export interface ScoreBins {
  /** One more than there are bins. */
  readonly edges: Float64Array;
  /** Of the rows that are shown, 0 to 1. */
  readonly shares: Float64Array;
}

/** Spreads the rows' scores. The number of bins is by the Rice rule, twice the cube root: few flows make no smooth picture. */
export function binScores(scores: Float32Array, rows: Uint32Array, axis: ValueAxis): ScoreBins {
  const bins = Math.min(MOST_BINS, Math.max(FEWEST_BINS, Math.round(2 * Math.cbrt(rows.length))));
  const chosen = Float32Array.from(rows, (row) => scores[row] as number);
  return { edges: binEdges(axis, bins), shares: binShares(chosen, axis, bins, () => true) };
}

export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/**
 * The distribution, drawn twice over: all of it as usual flows, with axes, and all of it as alarms, without. The page
 * shows the second one from the threshold on, so that moving the threshold draws nothing anew.
 */
export function drawScores(
  { edges, shares }: ScoreBins,
  axis: ValueAxis,
  { width, height }: ChartSize,
): { readonly usual: SVGSVGElement; readonly alarms: SVGSVGElement } {
  const points = Array.from({ length: shares.length }, (_, bin) => [
    { x: edges[bin] ?? 0, y: shares[bin] ?? 0 },
    { x: edges[bin + 1] ?? 0, y: shares[bin] ?? 0 },
  ]).flat();
  const most = Math.max(...shares, 1e-9);
  const ticks = width < 500 ? 4 : 7;
  const options = (isShown: boolean): Plot.PlotOptions => ({
    width,
    height,
    x: {
      type: axis.type,
      domain: [...axis.domain],
      label: isShown ? "score, higher is odder" : null,
      labelArrow: "none",
      ticks: isShown ? ticks : [],
      tickFormat: numberText,
    },
    y: {
      // Alarms are few: on a square-root scale they can be seen beside the many.
      type: "sqrt",
      domain: [0, most],
      label: isShown ? "share of the flows" : null,
      labelArrow: "none",
      grid: isShown,
      ticks: isShown ? shareTicks(most) : [],
      tickFormat: plainPercentText,
    },
  });
  const bars = (colour: string): Plot.Markish[] => [
    Plot.areaY(points, { x: "x", y1: 0, y2: "y", fill: colour, fillOpacity: 0.3 }),
    Plot.lineY(points, { x: "x", y: "y", stroke: colour, strokeWidth: 1.5 }),
  ];
  return {
    usual: draw({ ...options(true), marks: [...bars(FLOWS_COLOUR), Plot.ruleY([0])] }),
    alarms: draw({ ...options(false), marks: bars(ALARMS_COLOUR) }),
  };
}

/** Round shares that stand apart on a square-root scale. */
function shareTicks(most: number): number[] {
  const ticks: number[] = [];
  for (let tick = 10 ** Math.floor(Math.log10(most)); ticks.length < 4; tick /= 4) {
    ticks.push(Number(tick.toPrecision(1)));
  }
  const top = [5, 2].map((times) => times * (ticks[0] ?? 0)).find((tick) => tick <= most);
  return top === undefined ? ticks : [top, ...ticks.slice(0, 3)];
}
