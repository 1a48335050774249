import type { CaseResult, RankedDetector } from "./case-result.ts";
import { FIGURE_TITLES, FIGURES } from "./figures.ts";
import type { Loss, MeanRank } from "./mean-ranks.ts";
import { ODDFLOW } from "./oddflow.ts";

const NAME_WIDTH = 26;
const FIGURE_WIDTH = 16;

/** The table of one case: the best detector by ROC-AUC first, then the targets, then how far Oddflow is ahead. */
export function formatComparison({ name, title, columns, targets, seeds, summary }: CaseResult): string {
  const first = seeds[0];
  const parts = first
    ? `${count(first.trainingFlows)} training flows, ${percent(first.trainingAttacks)} of them attacks ` +
      `(held back: ${percent(first.heldBackAttacks)}); ${count(first.testNormals)} normal flows and ` +
      `${count(first.testAttacks)} attacks tested; ${columns} columns; seeds ${seeds.map(({ seed }) => seed).join(", ")}`
    : "";
  const { aheadOfBestPeer: ahead } = summary;
  return [
    `${title}  [${name}]`,
    parts,
    row("   detector", titles(), ["fit s", "score s"]),
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
        ]
      : []),
    ...summary.skipped.map((peer) => `   skipped: ${peer.name}: ${peer.why}`),
  ].join("\n");
}

/** Of each detector over several cases. */
export function formatRanks(title: string, ranks: readonly MeanRank[]): string {
  return [
    title,
    row("   detector", [...titles(), "all"]),
    ...ranks.map(({ name, byFigure, all }) =>
      row(
        `   ${name}`,
        [...FIGURES.map((figure) => byFigure[figure]), all].map((rank) => rank.toFixed(2)),
      ),
    ),
  ].join("\n");
}

/** Oddflow's loss beside the smallest of the peers. */
export function formatLosses(losses: readonly Loss[]): string {
  const line = (name: string, own: string, peer: string): string =>
    `   ${name.padEnd(36)}${own.padEnd(12)}${peer}`;
  return [
    "ROC-AUC lost against clean training flows",
    line("case", ODDFLOW, "least of the peers"),
    ...losses.map(({ table, scenario, detectors }) => {
      const own = detectors.find(({ name }) => name === ODDFLOW);
      const [least] = detectors.filter((found) => found !== own).sort((a, b) => a.loss - b.loss);
      return line(
        `${table}-${scenario}`,
        own ? own.loss.toFixed(4) : "-",
        least ? `${least.loss.toFixed(4)} (${least.name})` : "-",
      );
    }),
  ].join("\n");
}

function titles(): string[] {
  return FIGURES.map((figure) => FIGURE_TITLES[figure]);
}

function detectorRow({ rank, name, figures, fitSeconds, scoreSeconds }: RankedDetector): string {
  return row(
    `${String(rank).padStart(2)} ${name}`,
    FIGURES.map((figure) => {
      const { mean, deviation } = figures[figure];
      return deviation === null ? mean.toFixed(4) : `${mean.toFixed(4)} ±${deviation.toFixed(4)}`;
    }),
    [fitSeconds.toFixed(1), scoreSeconds.toFixed(1)],
  );
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

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
