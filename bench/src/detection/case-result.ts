import type { MeanAndDeviation } from "@oddflow/evaluation";
import { FIGURES, type Figure, type Figures, meanAndDeviation, overSeeds } from "./figures.ts";
import { ODDFLOW } from "./oddflow.ts";

/** What one detector reached on one seed's split. */
export type DetectorResult =
  | { readonly name: string; readonly skipped: string }
  | {
      readonly name: string;
      readonly settings: string;
      readonly fitSeconds: number;
      readonly scoreSeconds: number;
      readonly figures: Figures;
    };

export interface SeedResult {
  readonly seed: number;
  readonly trainingFlows: number;
  /** Shares of attacks among the flows that were trained on, and among those that were held back. */
  readonly trainingAttacks: number;
  readonly heldBackAttacks: number;
  readonly testNormals: number;
  readonly testAttacks: number;
  readonly detectors: readonly DetectorResult[];
}

/** One table with one scenario. */
export interface CaseResult {
  readonly name: string;
  readonly table: string;
  readonly scenario: string;
  readonly title: string;
  readonly columns: number;
  readonly targets: Readonly<Partial<Record<Figure, number>>>;
  readonly seeds: readonly SeedResult[];
  readonly summary: CaseSummary;
}

/** One detector over all seeds. */
export interface RankedDetector {
  readonly name: string;
  /** 1 is the highest mean ROC-AUC. */
  readonly rank: number;
  readonly figures: Readonly<Record<Figure, MeanAndDeviation>>;
  /** Means. */
  readonly fitSeconds: number;
  readonly scoreSeconds: number;
}

export interface CaseSummary {
  /** The highest mean ROC-AUC first. */
  readonly detectors: readonly RankedDetector[];
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
  /** Oddflow's mean less that of the best peer by the same figure; absent when either did not run. */
  readonly aheadOfBestPeer?: Figures;
}

/** Every seed has a result of the same detectors. */
export function summarise(seeds: readonly SeedResult[]): CaseSummary {
  const skipped: { name: string; why: string }[] = [];
  const ran: Omit<RankedDetector, "rank">[] = [];
  for (const { name } of seeds[0]?.detectors ?? []) {
    const results = seeds.flatMap((seed) => seed.detectors.filter((result) => result.name === name));
    const runs = results.flatMap((result) => ("skipped" in result ? [] : [result]));
    if (runs.length < results.length) {
      const why = results.find((result) => "skipped" in result)?.skipped ?? "";
      skipped.push({ name, why });
      continue;
    }
    ran.push({
      name,
      figures: overSeeds(runs.map(({ figures }) => figures)),
      fitSeconds: meanAndDeviation(runs.map(({ fitSeconds }) => fitSeconds)).mean,
      scoreSeconds: meanAndDeviation(runs.map(({ scoreSeconds }) => scoreSeconds)).mean,
    });
  }
  const detectors = ran
    .sort((a, b) => b.figures.rocAuc.mean - a.figures.rocAuc.mean)
    .map((detector, i) => ({ ...detector, rank: i + 1 }));
  const oddflow = detectors.find(({ name }) => name === ODDFLOW);
  const peers = detectors.filter((detector) => detector !== oddflow);
  return {
    detectors,
    skipped,
    ...(oddflow && peers.length > 0 ? { aheadOfBestPeer: lead(oddflow, peers) } : {}),
  };
}

function lead(oddflow: RankedDetector, peers: readonly RankedDetector[]): Figures {
  const ahead = (figure: Figure): number =>
    oddflow.figures[figure].mean - Math.max(...peers.map(({ figures }) => figures[figure].mean));
  return Object.fromEntries(FIGURES.map((figure) => [figure, ahead(figure)])) as Record<Figure, number>;
}
