import { HOURS_OF_WEEK } from "@oddflow/preprocessing";
import { alarmsByHourFigure } from "./figures/alarms-by-hour.ts";
import { attackDetectionFigure } from "./figures/attack-detection.ts";
import { columnErrorFigure } from "./figures/column-errors.ts";
import { detectionCurves } from "./figures/detection-curves.ts";
import { lossFigure } from "./figures/loss-curves.ts";
import { scoreDistributionFigure } from "./figures/score-distribution.ts";
import { grid, renderPage, section } from "./page.ts";
import type { ReportData } from "./report-data.ts";
import { keyFigures } from "./sections/key-figures.ts";
import { oddestTable } from "./sections/oddest-table.ts";
import { attackTable, confusionTable, thresholdTable } from "./sections/result-tables.ts";
import { trainingDetails } from "./sections/training-details.ts";

/**
 * Renders a report as one HTML page that needs nothing beside it: no script, no font, no network. It follows the reader's
 * light or dark scheme and can be printed. The same data gives the same page.
 * @throws OddflowError FLOWS_SHAPE when there are labels but not one per score, or a labelled score is not finite.
 */
export function renderReport(data: ReportData): string {
  const evaluation = data.labels?.evaluation;
  const { title, facts } = data;
  return renderPage({
    title,
    facts,
    main: [
      keyFigures(data),
      section(
        evaluation ? "Detection" : "Scores",
        grid("figures", [
          scoreDistributionFigure(data),
          ...detectionCurves(data),
          ...(evaluation ? [] : [thresholdTable(data)]),
        ]),
        grid("tables", evaluation ? [thresholdTable(data), confusionTable(evaluation)] : []),
        grid("figures", [attackDetectionFigure(data), evaluation && attackTable(evaluation)]),
        grid("figures", [alarmsByHourFigure(data, 24), alarmsByHourFigure(data, HOURS_OF_WEEK)]),
      ),
      section("The oddest flows", oddestTable(data)),
      section(
        "Model",
        grid("figures", [columnErrorFigure(data.columnErrors), lossFigure(data.losses)]),
        trainingDetails(data),
      ),
    ],
  });
}
