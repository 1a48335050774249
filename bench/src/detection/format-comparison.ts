import type { CaseResult, RankedDetector } from "./case-result.ts";
import { FIGURES, type Figure } from "./cases.ts";

/** Oddflow is to be first among the peers, or this near to it. */
const NEAR_ENOUGH = 0.005;

const NAME_WIDTH = 24;
const FIGURE_WIDTH = 18;
const HEADINGS: Readonly<Record<Figure, string>> = {
  rocAuc: "ROC-AUC",
  foundAt5PercentFalseAlarms: "found at 5 %",
  foundAt1PercentFalseAlarms: "found at 1 %",
};

/** The table of one case: the best detector by ROC-AUC first, then the targets, then how far Oddflow is ahead. */
export function formatComparison({ name, title, columns, targets, seeds, summary }: CaseResult): string {
  const first = seeds[0];
  const parts = first
    ? `${count(first.trainingFlows)} training flows; ${count(first.testNormals)} normal flows and ` +
      `${count(first.testAttacks)} attacks tested; ${columns} columns; seeds ${seeds.map(({ seed }) => seed).join(", ")}`
    : "";
  const { aheadOfBestPeer: ahead } = summary;
  return [
    `${title}  [${name}]`,
    parts,
    row(
      "   detector",
      FIGURES.map((figure) => HEADINGS[figure]),
      ["fit s", "score s"],
    ),
    ...summary.detectors.map(detectorRow),
    ...(Object.keys(targets).length > 0
      ? [
          row(
            "   target for oddflow",
            FIGURES.map((figure) => targets[figure]?.toFixed(3) ?? "-"),
          ),
        ]
      : []),
    ...(ahead
      ? [
          row(
            "   oddflow - best peer",
            FIGURES.map((figure) => signed(ahead[figure])),
          ),
          `   by ROC-AUC oddflow is ${standing(ahead.rocAuc)}`,
        ]
      : []),
    ...summary.skipped.map((skipped) => `   skipped: ${skipped.name}: ${skipped.why}`),
  ].join("\n");
}

function detectorRow({ rank, name, figures, fitSeconds, scoreSeconds }: RankedDetector): string {
  return row(
    `${String(rank).padStart(2)} ${name}`,
    FIGURES.map((figure) => {
      const { mean, deviation } = figures[figure];
      return deviation === null ? mean.toFixed(4) : `${mean.toFixed(4)} ± ${deviation.toFixed(4)}`;
    }),
    [fitSeconds.toFixed(1), scoreSeconds.toFixed(1)],
  );
}

function standing(ahead: number): string {
  if (ahead >= 0) return "first";
  return `${ahead >= -NEAR_ENOUGH ? "within" : "NOT first, nor within"} ${NEAR_ENOUGH} of the first`;
}

function row(name: string, figures: readonly string[], seconds: readonly string[] = []): string {
  const cells = [
    ...figures.map((figure) => figure.padEnd(FIGURE_WIDTH)),
    ...seconds.map((figure) => figure.padStart(8)),
  ];
  return `${name.padEnd(NAME_WIDTH)}${cells.join("")}`.trimEnd();
}

function signed(value: number): string {
  return `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(4)}`;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
