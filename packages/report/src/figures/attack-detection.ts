import * as Plot from "@observablehq/plot";
import type { AttackTypeDetection } from "@oddflow/evaluation";
import { ATTACK_COLOUR, drawFigure } from "../draw.ts";
import { figure, legend } from "../figure.ts";
import { type Markup, shortText } from "../markup.ts";
import { countText, percentText, plainPercentText } from "../number-text.ts";
import type { ReportData } from "../report-data.ts";

const MOST_SHOWN = 24;
const ROW_HEIGHT = 24;

/** What share of each attack type is found at the threshold; undefined without attack types. */
export function attackDetectionFigure({ labels }: ReportData): Markup | undefined {
  const types = labels?.evaluation.detectionByAttackType ?? [];
  const shown = types.slice(0, MOST_SHOWN).filter(({ atThreshold }) => atThreshold !== null);
  if (shown.length === 0) return undefined;
  // The number keeps two types apart whose names are alike once they are cut.
  const rows = shown.map((type, i) => ({ key: i, share: type.atThreshold ?? 0, type }));
  const nameOf = (key: number): string => shortText(attackTypeName(shown[key]), 18);
  const drawing = drawFigure(
    {
      height: rows.length * ROW_HEIGHT + 74,
      marginLeft: 140,
      marginRight: 64,
      marginTop: 16,
      x: {
        domain: [0, 1],
        label: "attacks found",
        labelArrow: "none",
        grid: true,
        ticks: 5,
        tickFormat: plainPercentText,
      },
      y: {
        type: "band",
        domain: rows.map(({ key }) => key),
        label: null,
        tickFormat: nameOf,
        tickSize: 0,
        padding: 0.25,
      },
      marks: [
        Plot.barX(rows, { x: "share", y: "key", fill: ATTACK_COLOUR, fillOpacity: 0.75 }),
        Plot.text(rows, {
          x: 1,
          y: "key",
          text: ({ share }) => percentText(share),
          textAnchor: "start",
          dx: 6,
          fontVariant: "tabular-nums",
        }),
        Plot.ruleX([0]),
      ],
    },
    `Share of each attack type found at the threshold: ${shown
      .map((type) => `${attackTypeName(type)} ${percentText(type.atThreshold ?? 0)}`)
      .join(", ")}.`,
  );
  return figure({
    id: "attack-types",
    title: "Detection per attack",
    legend: legend([["area", "attack", "found at the threshold in use"]]),
    drawing,
    caption: `The most frequent type first${
      types.length > shown.length ? `; ${countText(types.length - shown.length)} rarer ones are left out` : ""
    }. The table has the counts, and the detection at few false alarms.`,
  });
}

export function attackTypeName(type: AttackTypeDetection | undefined): string {
  return type?.name ?? "(not known)";
}
