import { recalibrateScores, thresholdForBudget } from "@oddflow/detector";
import { type Split, stratifiedSubset } from "@oddflow/trainer";
import { type OddflowRun, withScorer } from "./oddflow.ts";
import { type TableFlows, testLabels } from "./table-flows.ts";

/** Shares of the usual flows that may raise an alarm. */
const BUDGETS: readonly number[] = [0.01, 0.001];
/** Of the test part's normal flows; alarms are counted on the others. */
const RECENT_SHARE = 0.5;
/** Of the recent flows. */
const ATTACKS_AMONG_RECENT = 0.02;

/** False alarms before and after recalibration, on normal flows that recalibration did not see. */
export interface RecalibrationResult {
  readonly recentNormals: number;
  readonly recentAttacks: number;
  /** What recalibration took for attacks, a share of the recent flows. */
  readonly leftOut: number;
  readonly normals: number;
  readonly budgets: readonly {
    readonly budget: number;
    readonly alarmsBefore: number;
    readonly alarms: number;
  }[];
}

/**
 * Recalibrates as `oddflow recalibrate` does when it is told nothing: labels draw the recent flows and count the alarms.
 * @param inOrder whether the recent flows are the first in the table's order, or drawn by the seed
 */
export async function measureRecalibration(
  { model, run }: OddflowRun,
  flows: TableFlows,
  split: Split,
  { seed, inOrder }: { readonly seed: number; readonly inOrder: boolean },
): Promise<RecalibrationResult> {
  const { isAttack } = testLabels(flows, split);
  const normals = run.scores.filter((_, i) => isAttack[i] === 0);
  const attacks = run.scores.filter((_, i) => isAttack[i] !== 0);
  const drawn = inOrder
    ? new Set(normals.subarray(0, Math.round(normals.length * RECENT_SHARE)).keys())
    : new Set(stratifiedSubset(normals.length, undefined, RECENT_SHARE, seed));
  const wanted = Math.round((drawn.size * ATTACKS_AMONG_RECENT) / (1 - ATTACKS_AMONG_RECENT));
  const among = stratifiedSubset(attacks.length, undefined, wanted, seed);
  const recent = Float32Array.from([
    ...normals.filter((_, i) => drawn.has(i)),
    ...[...among].map((i) => attacks[i] ?? 0),
  ]);
  const later = normals.filter((_, i) => !drawn.has(i));
  const former = await withScorer(model, async ({ thresholds }) => thresholds.heldBack);
  const { distribution, leftOut } = recalibrateScores(recent, former);
  const alarmsAt = (threshold: number): number => later.filter((score) => score >= threshold).length;
  return {
    recentNormals: drawn.size,
    recentAttacks: among.length,
    leftOut,
    normals: later.length,
    budgets: BUDGETS.map((budget) => ({
      budget,
      alarmsBefore: alarmsAt(thresholdForBudget(former, budget)),
      alarms: alarmsAt(thresholdForBudget(distribution, budget)),
    })),
  };
}

/** A case's alarms at one budget, all seeds together. */
export interface BudgetAlarms {
  readonly budget: number;
  /** As many as the budget lets through. */
  readonly wanted: number;
  readonly before: number;
  readonly after: number;
}

export function sumAlarms(seeds: readonly RecalibrationResult[]): BudgetAlarms[] {
  return BUDGETS.map((budget, k) => {
    const sum = (of: (seed: RecalibrationResult) => number | undefined): number =>
      seeds.reduce((total, seed) => total + (of(seed) ?? 0), 0);
    return {
      budget,
      wanted: budget * sum(({ normals }) => normals),
      before: sum(({ budgets }) => budgets[k]?.alarmsBefore),
      after: sum(({ budgets }) => budgets[k]?.alarms),
    };
  });
}

/** A row a case, all seeds taken together. */
export function formatRecalibrations(
  cases: readonly { readonly name: string; readonly seeds: readonly RecalibrationResult[] }[],
): string {
  return [
    "Oddflow recalibrated on half of the test part's normal flows (the earlier half of a later day) with 2 % attacks among them,",
    "without labels: false alarms on the other half, times the budget, all seeds together",
    `   ${"case".padEnd(21)}${BUDGETS.map((budget) => `at ${percent(budget)}: wanted, before, after`.padEnd(40)).join("")}left out`,
    ...cases.map(({ name, seeds }) => {
      const cells = sumAlarms(seeds).map(({ wanted, before, after }) =>
        `${wanted.toFixed(1)}, ${times(before, wanted)}, ${times(after, wanted)}`.padEnd(40),
      );
      const leftOut = seeds.reduce((sum, seed) => sum + seed.leftOut, 0) / seeds.length;
      return `   ${name.padEnd(21)}${cells.join("")}${percent(leftOut)}`;
    }),
  ].join("\n");
}

function times(alarms: number, wanted: number): string {
  return `${(alarms / wanted).toFixed(2)} times`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
