import * as Plot from "@observablehq/plot";
import { ATTACK_COLOUR, drawFigure, NORMAL_COLOUR } from "../draw.ts";
import { figure, type LegendEntry, legend } from "../figure.ts";
import { type Markup, shortText } from "../markup.ts";
import { countText, numberText } from "../number-text.ts";
import type { ColumnErrorMeans } from "../report-data.ts";
import { valueAxis } from "../value-axis.ts";

const MOST_SHOWN = 50;
const ROW_HEIGHT = 19;

interface ColumnError {
  readonly key: number;
  readonly name: string;
  readonly normal: number;
  /** NaN without labels. */
  readonly attack: number;
}

/** The mean error of each column in the two classes, the one with the largest difference first. */
export function columnErrorFigure(errors: ColumnErrorMeans | undefined): Markup | undefined {
  const all = errors ? sortedErrors(errors) : [];
  const shown = all.slice(0, MOST_SHOWN);
  if (shown.length === 0) return undefined;
  const labelled = shown.some(({ attack }) => Number.isFinite(attack));
  const values = Float64Array.from(shown.flatMap(({ normal, attack }) => [normal, attack])).filter(
    Number.isFinite,
  );
  const axis = valueAxis(values);
  const domain = axis.type === "log" ? axis.domain : [Math.min(0, axis.domain[0]), axis.domain[1]];
  const within = (value: number): number => Math.max(value, domain[0] ?? 0);
  const first = shown.slice(0, 3).map(({ name }) => name);
  const drawing = drawFigure(
    {
      height: shown.length * ROW_HEIGHT + 74,
      marginLeft: 150,
      marginTop: 16,
      x: {
        type: axis.type,
        domain: [...domain],
        label: `mean error${axis.type === "log" ? " (logarithmic)" : ""}`,
        grid: true,
        ticks: 5,
        tickFormat: numberText,
      },
      y: {
        type: "point",
        domain: shown.map(({ key }) => key),
        label: null,
        tickFormat: (key: number) => shortText(all.find((column) => column.key === key)?.name ?? "", 19),
        tickSize: 0,
      },
      marks: [
        ...(labelled
          ? [
              Plot.ruleY(shown, {
                x1: ({ normal }) => within(normal),
                x2: ({ attack }) => within(attack),
                y: "key",
                strokeOpacity: 0.6,
                strokeWidth: 1.5,
              }),
            ]
          : [
              Plot.ruleY(shown, {
                x1: domain[0] ?? 0,
                x2: ({ normal }) => within(normal),
                y: "key",
                strokeOpacity: 0.6,
              }),
            ]),
        Plot.dot(shown, {
          x: ({ normal }) => within(normal),
          y: "key",
          r: 4,
          stroke: NORMAL_COLOUR,
          strokeWidth: 2,
          fill: "var(--page)",
        }),
        Plot.dot(shown, {
          x: ({ attack }) => within(attack),
          y: "key",
          r: 4.5,
          fill: ATTACK_COLOUR,
          filter: ({ attack }) => Number.isFinite(attack),
        }),
      ],
    },
    `Mean error of ${shown.length} columns${labelled ? " in normal flows and in attacks; they differ most in" : "; the largest are"} ${first.join(", ")}.`,
  );
  const entries: LegendEntry[] = labelled
    ? [["ring", "normal", "normal flows"], ["dot", "attack", "attacks"]] // biome-ignore format: one line reads better
    : [["ring", "normal", "all flows"]];
  return figure({
    id: "column-errors",
    title: "Error of each column",
    legend: legend(entries),
    drawing,
    caption: `${
      labelled
        ? "How far the model's reconstruction is off, on average. At the top are the columns where attacks and normal flows differ most."
        : "How far the model's reconstruction is off, on average over all flows; the largest first."
    }${all.length > shown.length ? ` ${countText(all.length - shown.length)} more columns are left out.` : ""}`,
  });
}

/** By falling difference, or by falling error where there is one class alone. */
function sortedErrors({ names, normal, attack }: ColumnErrorMeans): ColumnError[] {
  const size = ({ normal, attack }: ColumnError): number =>
    Number.isFinite(attack) && Number.isFinite(normal)
      ? Math.abs(attack - normal)
      : Number.isFinite(attack)
        ? attack
        : normal;
  return names
    .map((name, key) => ({
      key,
      name,
      normal: normal[key] ?? Number.NaN,
      attack: attack?.[key] ?? Number.NaN,
    }))
    .filter(({ normal, attack }) => Number.isFinite(normal) || Number.isFinite(attack))
    .sort((a, b) => size(b) - size(a) || a.key - b.key);
}
