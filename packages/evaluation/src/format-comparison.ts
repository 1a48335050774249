import type { ComparedAlarms, LabelledComparison, ScoreComparison } from "./compare-scores.ts";
import { alignedLines, formatCount, formatPercent, printableName } from "./text-table.ts";

const NAME_WIDTH = 27;

/** The comparison as text for a terminal: plain ASCII, no newline at the end. A figure that is null is printed as "-". */
export function formatComparison({
  alarms,
  overlap,
  oddest,
  rankCorrelation,
  labels,
}: ScoreComparison): string {
  const only = (side: "old" | "new"): string => formatCount(alarms[side] - alarms.both);
  const same = oddest.both / Math.max(oddest.old, oddest.new);
  return [
    "Alarms",
    ...alignedLines([
      ["", "old", "new"],
      ["all", formatCount(alarms.old), formatCount(alarms.new)],
      ["share of the flows", share(alarms, "old"), share(alarms, "new")],
      ["that the other does not raise", only("old"), only("new")],
    ]),
    "",
    "Alike",
    ...alignedLines([
      ["alarms of both, of all that either raises", overlap === null ? "-" : formatPercent(overlap)],
      [
        `of the ${formatCount(oddest.old)} flows that each finds oddest, without thresholds`,
        formatPercent(same),
      ],
      ["rank correlation of the scores (Spearman)", rankCorrelation?.toFixed(4) ?? "-"],
    ]),
    ...(labels === null ? [] : ["", ...labelLines(labels)]),
  ].join("\n");
}

function labelLines({ rocAuc, normal, attacks }: LabelledComparison): string[] {
  const row = (name: string, found: ComparedAlarms): string[] => [
    name,
    formatCount(found.flows),
    share(found, "old"),
    share(found, "new"),
  ];
  return [
    "By label, share that raises an alarm",
    ...alignedLines([
      ["", "flows", "old", "new"],
      row("normal (false alarms)", normal),
      ...attacks.map((kind) =>
        row(kind.name === null ? "(not known)" : printableName(kind.name, NAME_WIDTH), kind),
      ),
      ["ROC-AUC", "", rocAuc.old?.toFixed(4) ?? "-", rocAuc.new?.toFixed(4) ?? "-"],
    ]),
  ];
}

function share(alarms: ComparedAlarms, side: "old" | "new"): string {
  return alarms.flows === 0 ? "-" : formatPercent(alarms[side] / alarms.flows);
}
