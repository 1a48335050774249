import * as Plot from "@observablehq/plot";
import { HOURS_OF_WEEK } from "@oddflow/preprocessing";
import { ATTACK_COLOUR, drawFigure, NORMAL_COLOUR, THRESHOLD_COLOUR } from "../draw.ts";
import { figure, legend } from "../figure.ts";
import { type HourAlarms, type HoursOfCycle, hourlyAlarms } from "../hourly-alarms.ts";
import type { Markup } from "../markup.ts";
import { countText, numberText } from "../number-text.ts";
import type { ReportData } from "../report-data.ts";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** What differs between the two figures. */
const CYCLES: Readonly<
  Record<HoursOfCycle, { readonly id: string; readonly title: string; readonly each: string }>
> = {
  24: { id: "alarms-by-hour", title: "Alarms a day by hour", each: "a day" },
  [HOURS_OF_WEEK]: { id: "alarms-by-hour-of-week", title: "Alarms a week by hour", each: "a week" },
};

/** How many alarms come at which hour of the day, or of the week; undefined where times are not known or too short. */
export function alarmsByHourFigure(data: ReportData, cycle: HoursOfCycle): Markup | undefined {
  const hours = hourlyAlarms(data, cycle);
  if (hours === undefined) return undefined;
  const { id, title, each } = CYCLES[cycle];
  const isLabelled = data.labels !== undefined;
  const isGranted = hours.some(({ granted }) => granted !== undefined);
  const nameOf = (hour: number): string => hourName(hour, cycle);
  const drawing = drawFigure(
    {
      x: {
        domain: [0, cycle],
        label: cycle === 24 ? "hour of the day, UTC" : "hour of the week, UTC",
        labelArrow: "none",
        ticks: cycle === 24 ? [0, 6, 12, 18, 24] : DAYS.map((_, day) => 24 * day),
        tickFormat: (hour: number) => (cycle === 24 ? String(hour) : (DAYS[hour / 24] ?? "")),
      },
      y: { label: `alarms ${each}`, labelArrow: "none", grid: true, ticks: 5, nice: true },
      marks: [
        ...bars(
          hours,
          NORMAL_COLOUR,
          () => 0,
          ({ normal }) => normal,
        ),
        ...(isLabelled
          ? bars(
              hours,
              ATTACK_COLOUR,
              ({ normal }) => normal,
              ({ normal, attack }) => normal + attack,
            )
          : []),
        ...(isGranted
          ? [
              Plot.link(hours, {
                x1: "hour",
                x2: ({ hour }: HourAlarms) => hour + 1,
                y1: "granted",
                y2: "granted",
                stroke: THRESHOLD_COLOUR,
                strokeWidth: 2,
              }),
            ]
          : []),
        Plot.ruleY([0]),
      ],
    },
    alternative(hours, each, nameOf),
  );
  return figure({
    id,
    title,
    legend: legend([
      ["area", "normal", isLabelled ? "by normal flows" : "by all flows"],
      ...(isLabelled ? [["area", "attack", "by attacks"] as const] : []),
      ...(isGranted ? [["line", "threshold", "what the budget grants"] as const] : []),
    ]),
    drawing,
    caption:
      "Of these flows, at the threshold in use, each hour averaged over those in which flows were recorded. " +
      "Where bars are higher than what the budget grants, usual traffic at that hour is odder than at others.",
  });
}

function bars(
  hours: readonly HourAlarms[],
  colour: string,
  from: (own: HourAlarms) => number,
  to: (own: HourAlarms) => number,
): Plot.Markish[] {
  const sides = { x1: "hour", x2: ({ hour }: HourAlarms) => hour + 1, y1: from, y2: to };
  return [Plot.rect(hours, { ...sides, fill: colour, fillOpacity: 0.6 })];
}

function hourName(hour: number, cycle: HoursOfCycle): string {
  const clock = `${String(hour % 24).padStart(2, "0")}:00`;
  return cycle === 24 ? clock : `${DAYS[Math.floor(hour / 24)] ?? ""} ${clock}`;
}

function alternative(hours: readonly HourAlarms[], each: string, nameOf: (hour: number) => string): string {
  const all = ({ normal, attack }: HourAlarms): number => normal + attack;
  const ordered = hours.toSorted((a, b) => all(a) - all(b));
  const [least, most] = [ordered[0], ordered.at(-1)];
  if (least === undefined || most === undefined) return "No hour has flows.";
  const say = (own: HourAlarms): string => `${numberText(all(own))} at ${nameOf(own.hour)}`;
  return `Alarms ${each} by hour, of ${countText(hours.length)} hours with flows: from ${say(least)} to ${say(most)}, UTC.`;
}
