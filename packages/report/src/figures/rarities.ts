import * as Plot from "@observablehq/plot";
import type { ComparisonData } from "../comparison-data.ts";
import { drawFigure, NORMAL_COLOUR, THRESHOLD_COLOUR } from "../draw.ts";
import { figure, legend } from "../figure.ts";
import type { Markup } from "../markup.ts";
import { countText, percentText, plainPercentText } from "../number-text.ts";

/** Cells along either axis. */
const CELLS = 36;

/** Rarer flows stand at the edge. */
const RAREST = 1e-5;

/** Opacity of the cell with the fewest flows; that with the most is solid. */
const FAINTEST = 0.12;

/** How rare each flow is to either model: flows on which both agree are on the diagonal. */
export function rarityFigure({ rarities, share, comparison }: ComparisonData): Markup {
  const cells = countCells(rarities.old, rarities.new);
  const most = Math.max(...cells.map(({ flows }) => flows));
  const opacity = (flows: number): number =>
    most === 1 ? 1 : FAINTEST + ((1 - FAINTEST) * Math.log(flows)) / Math.log(most);
  const axis = {
    type: "log",
    domain: [1, RAREST],
    ticks: [1, 0.1, 0.01, 0.001, 0.0001, 0.00001],
    tickFormat: plainPercentText,
    labelArrow: "none",
  } as const;
  const budget = Math.max(RAREST, share);
  const { alarms } = comparison;
  const drawing = drawFigure(
    {
      height: 470,
      marginLeft: 66,
      x: { ...axis, label: "usual flows that score as high by the old model" },
      y: { ...axis, label: "by the new model" },
      marks: [
        Plot.rect(cells, {
          x1: "fromOld",
          x2: "toOld",
          y1: "fromNew",
          y2: "toNew",
          fill: NORMAL_COLOUR,
          fillOpacity: ({ flows }) => opacity(flows),
        }),
        Plot.ruleX([budget], { stroke: THRESHOLD_COLOUR, strokeDasharray: "6,3" }),
        Plot.ruleY([budget], { stroke: THRESHOLD_COLOUR, strokeDasharray: "6,3" }),
      ],
    },
    `How rare each flow is to the old and to the new model. ${countText(alarms.old - alarms.both)} flows raise an alarm by the old model ` +
      `alone, ${countText(alarms.new - alarms.both)} by the new one alone.`,
  );
  return figure({
    id: "rarities",
    title: "How rare each flow is to either model",
    legend: legend([
      ["area", "normal", `flows; the darkest cell has ${countText(most)}`],
      ["dashes", "threshold", `budget of ${percentText(share)}`],
    ]),
    drawing,
    caption:
      "Odd flows are to the right for the old model, and above for the new one. Top left: only the new model raises an alarm. " +
      "Bottom right: only the old one does. Flows on which both agree are on the diagonal.",
  });
}

interface Cell {
  readonly fromOld: number;
  readonly toOld: number;
  readonly fromNew: number;
  readonly toNew: number;
  readonly flows: number;
}

function countCells(old: Float32Array, latter: Float32Array): Cell[] {
  const counts = new Uint32Array(CELLS * CELLS);
  for (let row = 0; row < old.length; row++) {
    const cell = cellOf(old[row] as number) * CELLS + cellOf(latter[row] as number);
    counts[cell] = (counts[cell] as number) + 1;
  }
  const edge = (cell: number): number => RAREST ** (cell / CELLS);
  return [...counts].flatMap((flows, place) => {
    const [ofOld, ofNew] = [Math.floor(place / CELLS), place % CELLS];
    return flows === 0
      ? []
      : [
          {
            fromOld: edge(ofOld),
            toOld: edge(ofOld + 1),
            fromNew: edge(ofNew),
            toNew: edge(ofNew + 1),
            flows,
          },
        ];
  });
}

/** The cell of a rarity, the most usual ones first. */
function cellOf(rarity: number): number {
  const place = (CELLS * Math.log(Math.max(RAREST, rarity))) / Math.log(RAREST);
  return Math.min(CELLS - 1, Math.max(0, Math.floor(place)));
}
