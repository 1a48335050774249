import { table } from "../figure.ts";
import { html, type Markup, shortText } from "../markup.ts";
import { countText, rarityText, scoreText } from "../number-text.ts";
import type { ReportData } from "../report-data.ts";

const LONGEST_LABEL = 80;
const LONGEST_REASON = 300;

/** The oddest flows and why; undefined when there are none. */
export function oddestTable({ oddest = [] }: ReportData): Markup | undefined {
  if (oddest.length === 0) return undefined;
  const labelled = oddest.some(({ label }) => label !== undefined);
  const rare = oddest.some(({ rarity }) => rarity !== undefined);
  const reasonColumn = 2 + (rare ? 1 : 0) + (labelled ? 1 : 0);
  const flows = table({
    caption: "The flows with the highest scores, and what made them odd",
    headings: ["row", "score", ...(rare ? ["rarity"] : []), ...(labelled ? ["label"] : []), "reasons"],
    rows: oddest.map(({ row, score, rarity, label, reasons }) => [
      countText(row),
      scoreText(score),
      ...(rare ? [rarity === undefined ? "–" : rarityText(rarity)] : []),
      ...(labelled ? [shortText(label ?? "–", LONGEST_LABEL)] : []),
      html`<ol>${reasons.map((reason) => html`<li>${shortText(reason, LONGEST_REASON)}</li>`)}</ol>`,
    ]),
    textColumns: labelled ? [reasonColumn - 1, reasonColumn] : [reasonColumn],
    foldsLast: true,
  });
  return html`<p class="note">Rows are counted from 1.${
    rare ? " Rarity says how often usual flows score as high." : ""
  } The strongest reason comes first.</p>${flows}`;
}
