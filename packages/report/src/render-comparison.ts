import type { ComparisonData } from "./comparison-data.ts";
import { rarityFigure } from "./figures/rarities.ts";
import { grid, renderPage, section } from "./page.ts";
import { changedTable, comparisonFigures, kindTable } from "./sections/comparison-tables.ts";

/** Renders what two models make of the same flows as one HTML page, as `renderReport` does. */
export function renderComparison(data: ComparisonData): string {
  const { title, facts, changed } = data;
  return renderPage({
    title,
    facts,
    main: [
      comparisonFigures(data),
      section("All flows", grid("figures", [rarityFigure(data), kindTable(data)])),
      section(
        "Flows that changed sides",
        grid("tables", [changedTable("new", changed.new), changedTable("old", changed.old)]),
      ),
    ],
  });
}
