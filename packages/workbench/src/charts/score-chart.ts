import * as Plot from "@observablehq/plot";
import { numberText, plainPercentText, type ValueAxis } from "@oddflow/report/look";
import { ALARMS_COLOUR, drawChart, FLOWS_COLOUR } from "./draw.ts";
import type { ScoreBins } from "./score-bins.ts";

export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/** A distribution in layers of the same size. */
export interface ScoreLayers {
  readonly axes: SVGSVGElement;
  readonly usual: SVGSVGElement;
  readonly alarms: SVGSVGElement;
}

/**
 * Draws all bars twice over, as usual flows and as alarms. The page shows the first up to the threshold and the second
 * from it on, so that moving the threshold draws nothing anew.
 */
export function drawScores(
  { edges, shares }: ScoreBins,
  axis: ValueAxis,
  { width, height }: ChartSize,
): ScoreLayers {
  const points = Array.from({ length: shares.length }, (_, bin) => [
    { x: edges[bin] ?? 0, y: shares[bin] ?? 0 },
    { x: edges[bin + 1] ?? 0, y: shares[bin] ?? 0 },
  ]).flat();
  const most = Math.max(...shares, 1e-9);
  const x: Plot.ScaleOptions = { type: axis.type, domain: [...axis.domain] };
  // Alarms are few: on a square-root scale they can be seen beside the many.
  const y: Plot.ScaleOptions = { type: "sqrt", domain: [0, most] };
  const bars = (colour: string): SVGSVGElement =>
    drawChart({
      width,
      height,
      x: { ...x, axis: null },
      y: { ...y, axis: null },
      marks: [
        Plot.areaY(points, { x: "x", y1: 0, y2: "y", fill: colour, fillOpacity: 0.3 }),
        Plot.lineY(points, { x: "x", y: "y", stroke: colour, strokeWidth: 1.5 }),
      ],
    });
  return {
    axes: drawChart({
      width,
      height,
      x: {
        ...x,
        label: "score, higher is odder",
        labelArrow: "none",
        ticks: width < 500 ? 4 : 7,
        tickFormat: numberText,
      },
      y: {
        ...y,
        label: "share of the flows",
        labelArrow: "none",
        grid: true,
        ticks: shareTicks(most),
        tickFormat: plainPercentText,
      },
      marks: [Plot.ruleY([0])],
    }),
    usual: bars(FLOWS_COLOUR),
    alarms: bars(ALARMS_COLOUR),
  };
}

/** Round shares, from 0 to the highest, that stand apart on a square-root scale. */
function shareTicks(most: number): number[] {
  const ticks = [0];
  const apart = Math.sqrt(most) / 6;
  for (let decade = 10 ** (Math.floor(Math.log10(most)) - 3); decade <= most; decade *= 10) {
    for (const tick of [decade, 2 * decade, 5 * decade]) {
      if (tick <= most && Math.sqrt(tick) - Math.sqrt(ticks.at(-1) ?? 0) >= apart) {
        ticks.push(Number(tick.toPrecision(1)));
      }
    }
  }
  return ticks;
}
