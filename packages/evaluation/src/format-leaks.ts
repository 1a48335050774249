import { type ColumnSeparation, LEAK_ROC_AUC } from "./own-roc-auc.ts";
import { alignedLines, printableName } from "./text-table.ts";

const NAME_WIDTH = 40;

/**
 * Names the columns that tell the labels by themselves, for a terminal: plain ASCII, no newline at the end; empty where there is
 * none.
 * @param advice what can be done about it, a sentence
 */
export function formatLeaks(leaks: readonly ColumnSeparation[], advice: string): string {
  if (leaks.length === 0) return "";
  return [
    `Columns that tell the labels by themselves (ROC-AUC above ${LEAK_ROC_AUC} of the column alone)`,
    ...alignedLines(
      leaks.map(({ column, rocAuc }) => [printableName(column, NAME_WIDTH), rocAuc.toFixed(4)]),
    ),
    advice,
  ].join("\n");
}
