import * as Plot from "@observablehq/plot";
import { numberText, plainPercentText, type ValueAxis } from "@oddflow/report/look";
import { ALARMS_COLOUR, drawChart, FLOWS_COLOUR } from "./draw.ts";
import type { ScoreBins } from "./score-bins.ts";

export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/** The axes of a distribution, which lie under its bars. */
export function drawScoreAxes(
  { shares }: ScoreBins,
  axis: ValueAxis,
  { width, height }: ChartSize,
): SVGSVGElement {
  const { x, y, most } = scales(shares, axis);
  return drawChart({
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
  });
}

/**
 * All bars of a distribution. They are drawn twice over, as usual flows and as alarms: the page shows the first up to the threshold
 * and the second from it on, so that moving the threshold draws nothing anew. Where rules take alarms away, bars of these flows stand on those of the alarms.
 */
export function drawScoreBars(
  { edges, shares, left }: ScoreBins,
  axis: ValueAxis,
  kind: "alarms" | "flows" | "taken",
  { width, height }: ChartSize,
): SVGSVGElement {
  const points = Array.from({ length: shares.length }, (_, bin) => {
    const [all, own] = [shares[bin] ?? 0, left[bin] ?? 0];
    const heights = { from: kind === "taken" ? own : 0, to: kind === "alarms" ? own : all };
    return [
      { x: edges[bin] ?? 0, ...heights },
      { x: edges[bin + 1] ?? 0, ...heights },
    ];
  }).flat();
  const { x, y } = scales(shares, axis);
  const colour = kind === "alarms" ? ALARMS_COLOUR : FLOWS_COLOUR;
  return drawChart({
    width,
    height,
    x: { ...x, axis: null },
    y: { ...y, axis: null },
    marks: [
      Plot.areaY(points, { x: "x", y1: "from", y2: "to", fill: colour, fillOpacity: 0.3 }),
      Plot.lineY(points, { x: "x", y: "to", stroke: colour, strokeWidth: 1.5 }),
    ],
  });
}

function scales(
  shares: Float64Array,
  axis: ValueAxis,
): { readonly x: Plot.ScaleOptions; readonly y: Plot.ScaleOptions; readonly most: number } {
  const most = Math.max(...shares, 1e-9);
  // Alarms are few: on a square-root scale they can be seen beside the many.
  return { x: { type: axis.type, domain: [...axis.domain] }, y: { type: "sqrt", domain: [0, most] }, most };
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
