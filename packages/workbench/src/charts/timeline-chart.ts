import * as Plot from "@observablehq/plot";
import { countText } from "@oddflow/report/look";
import { ALARMS_COLOUR, drawChart, FLOWS_COLOUR } from "./draw.ts";
import type { ChartSize } from "./score-chart.ts";
import type { TimeBins } from "./time-bins.ts";

/** How many flows, or alarms, there are in each stretch of time. */
export function drawCounts(
  bins: TimeBins,
  counts: Uint32Array,
  kind: "alarms" | "flows",
  { width, height }: ChartSize,
): SVGSVGElement {
  const isLast = kind === "flows";
  const at = (bin: number): Date => new Date((bins.start + bin * bins.width) * 1000);
  const bars = Array.from(counts, (count, bin) => ({ from: at(bin), to: at(bin + 1), count })).filter(
    ({ count }) => count > 0,
  );
  const colour = kind === "alarms" ? ALARMS_COLOUR : FLOWS_COLOUR;
  const most = Math.max(1, ...counts);
  const inset = width / bins.count > 6 ? 0.5 : 0;
  return drawChart({
    width,
    height,
    marginBottom: isLast ? 34 : 6,
    x: {
      type: "utc",
      domain: [at(0), at(bins.count)],
      label: null,
      ticks: isLast ? (width < 500 ? 3 : 6) : [],
      tickFormat: tickText,
    },
    y: {
      domain: [0, most],
      label: kind,
      labelArrow: "none",
      grid: true,
      ticks: countTicks(most),
      tickFormat: countText,
    },
    marks: [
      Plot.rectY(bars, {
        x1: "from",
        x2: "to",
        y: "count",
        fill: colour,
        fillOpacity: kind === "alarms" ? 0.85 : 0.45,
        insetLeft: inset,
        insetRight: inset,
      }),
      Plot.ruleY([0]),
    ],
  });
}

/** The day at midnight, else the time of day. */
function tickText(time: Date): string {
  const [day = "", clock = ""] = time.toISOString().split("T");
  if (!clock.startsWith("00:00:00")) return clock.startsWith("00", 6) ? clock.slice(0, 5) : clock.slice(0, 8);
  return DAY.format(new Date(day));
}

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** None, the half and the most, in round numbers. */
function countTicks(most: number): number[] {
  if (most < 2) return [0, 1];
  const unit = 10 ** Math.floor(Math.log10(most));
  const top = Math.floor(most / unit) * unit;
  return top % 2 === 0 ? [0, top / 2, top] : [0, top];
}
