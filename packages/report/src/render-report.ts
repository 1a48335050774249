import { attackDetectionFigure } from "./figures/attack-detection.ts";
import { columnErrorFigure } from "./figures/column-errors.ts";
import { detectionCurves } from "./figures/detection-curves.ts";
import { lossFigure } from "./figures/loss-curves.ts";
import { scoreDistributionFigure } from "./figures/score-distribution.ts";
import { html, Markup } from "./markup.ts";
import { PAGE_STYLE } from "./page-style.ts";
import type { ReportData } from "./report-data.ts";
import { keyFigures } from "./sections/key-figures.ts";
import { oddestTable } from "./sections/oddest-table.ts";
import { attackTable, confusionTable, thresholdTable } from "./sections/result-tables.ts";
import { trainingDetails } from "./sections/training-details.ts";

/** Nothing is loaded and no script runs, even if something slipped through the escaping. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/**
 * Renders a report as one HTML page that needs nothing beside it: no script, no font, no network. It follows the reader's
 * light or dark scheme and can be printed. The same data gives the same page.
 * @throws OddflowError FLOWS_SHAPE when there are labels but not one per score, or a labelled score is not finite.
 */
export function renderReport(data: ReportData): string {
  const evaluation = data.labels?.evaluation;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${data.title}</title>
<style>${new Markup(PAGE_STYLE)}</style>
</head>
<body>
<header>
<h1>${data.title}</h1>
<dl class="facts">${data.facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div> `)}</dl>
</header>
<main>
${keyFigures(data)}
${section(
  evaluation ? "Detection" : "Scores",
  grid("figures", [
    scoreDistributionFigure(data),
    ...detectionCurves(data),
    ...(evaluation ? [] : [thresholdTable(data)]),
  ]),
  grid("tables", evaluation ? [thresholdTable(data), confusionTable(evaluation)] : []),
  grid("figures", [attackDetectionFigure(data), evaluation && attackTable(evaluation)]),
)}
${section("The oddest flows", oddestTable(data))}
${section("Model", grid("figures", [columnErrorFigure(data.columnErrors), lossFigure(data.losses)]), trainingDetails(data))}
</main>
</body>
</html>
`;
  return page.text;
}

/** A heading and what stands under it; nothing when there is nothing. */
function section(heading: string, ...contents: readonly (Markup | undefined)[]): Markup | undefined {
  if (contents.every((content) => content === undefined)) return undefined;
  return html`<section>
<h2>${heading}</h2>
${contents}
</section>`;
}

function grid(kind: string, contents: readonly (Markup | undefined)[]): Markup | undefined {
  const present = contents.filter((content) => content !== undefined);
  if (present.length === 0) return undefined;
  return html`<div class="${kind}">${present.map((content) => html`<div>${content}</div>`)}</div>`;
}
