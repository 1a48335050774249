import type { CaseResult } from "./case-result.ts";
import { FIGURES, type Figure, mean } from "./figures.ts";

/** Of one detector over several cases, by each figure and by all; 1 is the best, and equals share the mean of their ranks. */
export interface MeanRank {
  readonly name: string;
  readonly byFigure: Readonly<Record<Figure, number>>;
  readonly all: number;
}

/** The lowest mean rank over all figures first. A detector that did not run in every case has none. */
export function meanRanks(cases: readonly CaseResult[]): MeanRank[] {
  const [first, ...others] = cases.map(({ summary }) => summary.detectors.map(({ name }) => name));
  const names = (first ?? []).filter((name) => others.every((ran) => ran.includes(name)));
  const ranks = names.map((name): MeanRank => {
    const byFigure = Object.fromEntries(
      FIGURES.map((figure) => [figure, mean(cases.map((result) => rankOf(name, names, figure, result)))]),
    ) as Record<Figure, number>;
    return { name, byFigure, all: mean(FIGURES.map((figure) => byFigure[figure])) };
  });
  return ranks.sort((a, b) => a.all - b.all);
}

function rankOf(name: string, names: readonly string[], figure: Figure, { summary }: CaseResult): number {
  const reached = (detector: string): number =>
    summary.detectors.find((found) => found.name === detector)?.figures[figure].mean ?? 0;
  const own = reached(name);
  const better = names.filter((other) => reached(other) > own).length;
  const equal = names.filter((other) => reached(other) === own).length;
  return better + (equal + 1) / 2;
}

/** A detector's mean ROC-AUC with clean training flows less that with attacks among them. */
export interface Loss {
  readonly table: string;
  readonly scenario: string;
  readonly detectors: readonly { readonly name: string; readonly loss: number }[];
}

/** Of every case whose table was also run with clean training flows. */
export function lossesOf(cases: readonly CaseResult[], clean: string): Loss[] {
  return cases.flatMap(({ table, scenario, summary }) => {
    if (scenario === clean) return [];
    const reference = cases.find((found) => found.table === table && found.scenario === clean);
    if (reference === undefined) return [];
    const detectors = summary.detectors.flatMap(({ name, figures }) => {
      const before = reference.summary.detectors.find((found) => found.name === name);
      return before ? [{ name, loss: before.figures.rocAuc.mean - figures.rocAuc.mean }] : [];
    });
    return [{ table, scenario, detectors }];
  });
}
