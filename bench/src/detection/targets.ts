import { FEWEST_WANTED } from "./alarm-budgets.ts";
import type { CaseResult } from "./case-result.ts";
import { FIGURE_TITLES, FIGURES } from "./figures.ts";
import { lossesOf, meanRanks } from "./mean-ranks.ts";
import { ODDFLOW } from "./oddflow.ts";
import { type RecalibrationResult, sumAlarms } from "./recalibration.ts";
import { CLEAN, HELD_TO_LOSS } from "./scenarios.ts";

/** One target and what was measured beside it. */
export interface Verdict {
  readonly target: string;
  readonly wanted: string;
  readonly found: string;
  readonly met: boolean;
}

const HIGHEST_LOSS = 0.02;
const FARTHEST_BEHIND = 0.01;
const BUDGET_HELD = { from: 0.7, to: 1.4 };

/** Every target that a run can say something of; none when Oddflow did not run. */
export function judgeTargets(
  cases: readonly CaseResult[],
  recalibrated: readonly { readonly name: string; readonly seeds: readonly RecalibrationResult[] }[],
): Verdict[] {
  const clean = cases.filter(({ scenario }) => scenario === CLEAN.name);
  return [
    ...cases.flatMap(figureTargets),
    ...lossTargets(cases),
    ...rankTarget("mean rank, clean", clean),
    ...rankTarget(
      "mean rank, with attacks",
      cases.filter((result) => !clean.includes(result)),
    ),
    ...cases.flatMap(leadTarget),
    ...recalibrated.flatMap(({ name, seeds }) => budgetTargets(name, seeds)),
  ];
}

function figureTargets({ name, targets, summary }: CaseResult): Verdict[] {
  const oddflow = summary.detectors.find((detector) => detector.name === ODDFLOW);
  if (oddflow === undefined) return [];
  return FIGURES.flatMap((figure) => {
    const wanted = targets[figure];
    if (wanted === undefined) return [];
    const { mean } = oddflow.figures[figure];
    return [atLeast(`${name}: ${FIGURE_TITLES[figure]}`, wanted, mean)];
  });
}

function lossTargets(cases: readonly CaseResult[]): Verdict[] {
  return lossesOf(cases, CLEAN.name).flatMap(({ table, scenario, detectors }) => {
    const own = detectors.find(({ name }) => name === ODDFLOW);
    if (own === undefined || !HELD_TO_LOSS.includes(scenario)) return [];
    return [
      {
        target: `${table}-${scenario}: ROC-AUC lost against clean`,
        wanted: `at most ${HIGHEST_LOSS}`,
        found: own.loss.toFixed(4),
        met: own.loss <= HIGHEST_LOSS,
      },
    ];
  });
}

/** Over all tables and figures. */
function rankTarget(target: string, cases: readonly CaseResult[]): Verdict[] {
  const ranks = cases.length === 0 ? [] : meanRanks(cases);
  const [best] = ranks;
  const own = ranks.find(({ name }) => name === ODDFLOW);
  if (best === undefined || own === undefined || ranks.length < 2) return [];
  const found =
    own === best ? own.all.toFixed(2) : `${own.all.toFixed(2)}; ${best.name} ${best.all.toFixed(2)}`;
  return [{ target, wanted: "first", found, met: own.all <= best.all }];
}

function leadTarget({ name, summary: { aheadOfBestPeer } }: CaseResult): Verdict[] {
  if (aheadOfBestPeer === undefined) return [];
  const { rocAuc } = aheadOfBestPeer;
  return [
    {
      target: `${name}: ROC-AUC less the best peer's`,
      wanted: `at least -${FARTHEST_BEHIND}`,
      found: `${rocAuc < 0 ? "" : "+"}${rocAuc.toFixed(4)}`,
      met: rocAuc >= -FARTHEST_BEHIND,
    },
  ];
}

function budgetTargets(name: string, seeds: readonly RecalibrationResult[]): Verdict[] {
  return sumAlarms(seeds).flatMap(({ budget, wanted, after }) => {
    if (wanted < FEWEST_WANTED) return [];
    const times = after / wanted;
    return [
      {
        target: `${name}: alarms at ${budget * 100} %, recalibrated`,
        wanted: `${BUDGET_HELD.from} to ${BUDGET_HELD.to} times`,
        found: `${times.toFixed(2)} times (${after})`,
        met: times >= BUDGET_HELD.from && times <= BUDGET_HELD.to,
      },
    ];
  });
}

function atLeast(target: string, wanted: number, found: number): Verdict {
  return { target, wanted: `at least ${wanted}`, found: found.toFixed(4), met: found >= wanted };
}

/** What was missed stands out. */
export function formatVerdicts(verdicts: readonly Verdict[]): string {
  const missed = verdicts.filter(({ met }) => !met).length;
  return [
    `Targets: ${verdicts.length - missed} met, ${missed} missed`,
    ...verdicts.map(
      ({ target, wanted, found, met }) =>
        `   ${(met ? "met" : "MISSED").padEnd(8)}${target.padEnd(52)}${wanted.padEnd(20)}${found}`,
    ),
  ].join("\n");
}
