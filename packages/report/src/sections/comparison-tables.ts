import type { ComparedAlarms } from "@oddflow/evaluation";
import type { ComparedFlow, ComparisonData } from "../comparison-data.ts";
import { table } from "../figure.ts";
import { html, type Markup, shortText } from "../markup.ts";
import { countText, percentText, rarityText } from "../number-text.ts";
import { type KeyFigure, keyFigureList } from "./key-figures.ts";

const MOST_KINDS = 200;
const LONGEST_NAME = 80;
const LONGEST_REASON = 300;

/** The first thing on the page: whether the models agree. */
export function comparisonFigures({ comparison }: ComparisonData): Markup {
  const { alarms, overlap, rankCorrelation, labels } = comparison;
  const only = (side: "old" | "new"): number => alarms[side] - alarms.both;
  const figures: KeyFigure[] = [
    ["Alarms, old", countText(alarms.old), `${percentText(alarms.old / alarms.flows)} of the flows`],
    ["Alarms, new", countText(alarms.new), `${percentText(alarms.new / alarms.flows)} of the flows`],
  ];
  if (overlap !== null) {
    figures.push(["Alarms of both", percentText(overlap), "of the flows on which either raises one"]);
  }
  if (rankCorrelation !== null) {
    figures.push(["Rank correlation", rankCorrelation.toFixed(3), "1 where both order all flows alike"]);
  }
  const found =
    labels === null || labels.rocAuc.old === null || labels.rocAuc.new === null
      ? ""
      : ` By the labels ROC-AUC is ${labels.rocAuc.old.toFixed(4)} for the old model and ${labels.rocAuc.new.toFixed(4)} for the new one.`;
  return keyFigureList(
    `${countText(only("new"))} flows raise an alarm by the new model alone, ${countText(only("old"))} by the old one alone, ` +
      `${countText(alarms.both)} by both.${found}`,
    figures,
  );
}

/** What each finds of every kind; undefined without labels. */
export function kindTable({ comparison: { labels } }: ComparisonData): Markup | undefined {
  if (labels === null) return undefined;
  const share = (count: number, { flows }: ComparedAlarms): string =>
    flows === 0 ? "–" : percentText(count / flows);
  const row = (name: string, kind: ComparedAlarms): string[] => [
    shortText(name, LONGEST_NAME),
    countText(kind.flows),
    share(kind.old, kind),
    share(kind.new, kind),
    share(kind.both, kind),
  ];
  const left = labels.attacks.length - MOST_KINDS;
  return table({
    caption: `Share that raises an alarm, by label${left > 0 ? ` (${countText(left)} rarer kinds are left out)` : ""}`,
    headings: ["", "flows", "old", "new", "both"],
    rows: [
      row("normal (false alarms)", labels.normal),
      ...labels.attacks.slice(0, MOST_KINDS).map((kind) => row(kind.name ?? "(not known)", kind)),
    ],
  });
}

/** Flows on which one model alone raises an alarm; undefined where there are none. */
export function changedTable(alarming: "old" | "new", flows: readonly ComparedFlow[]): Markup | undefined {
  if (flows.length === 0) return undefined;
  const other = alarming === "old" ? "new" : "old";
  return table({
    caption: `Only the ${alarming} model raises an alarm; the ${other} one finds these the most usual`,
    headings: ["row", "rarity, old", "rarity, new", "reasons"],
    rows: flows.map(({ row, rarities, reasons }) => [
      countText(row),
      rarityText(rarities.old),
      rarityText(rarities.new),
      html`<ol>${reasons.map((reason) => html`<li>${shortText(reason, LONGEST_REASON)}</li>`)}</ol>`,
    ]),
    textColumns: [3],
    foldsLast: true,
  });
}
