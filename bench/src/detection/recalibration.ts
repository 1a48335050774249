import { recalibrateScores, thresholdForBudget } from "@oddflow/detector";
import { type Split, stratifiedSubset } from "@oddflow/trainer";
import { type OddflowRun, withScorer } from "./oddflow.ts";
import { type TableFlows, testLabels } from "./table-flows.ts";

/** Shares of all flows that may raise an alarm. */
const BUDGETS: readonly number[] = [0.01, 0.001];
/** Of the test part's normal flows; alarms are counted on the others. */
const RECENT_SHARE = 0.5;
/** Of the recent flows, and of the later ones. */
const ATTACKS_AMONG_FLOWS = 0.02;

/** Alarms before and after recalibration, on flows that recalibration did not see. */
export interface RecalibrationResult {
  readonly recentNormals: number;
  readonly recentAttacks: number;
  readonly laterNormals: number;
  readonly laterAttacks: number;
  readonly budgets: readonly {
    readonly budget: number;
    readonly alarmsBefore: number;
    readonly alarms: number;
    /** Of the alarms after recalibration, those on normal flows. */
    readonly falseAlarms: number;
  }[];
}

/**
 * Recalibrates as `oddflow recalibrate` does when it is told nothing: labels draw the recent and the later flows, and no more.
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
  const recentNormals = normals.filter((_, i) => drawn.has(i));
  const laterNormals = normals.filter((_, i) => !drawn.has(i));
  const beside = (count: number): number =>
    Math.round((count * ATTACKS_AMONG_FLOWS) / (1 - ATTACKS_AMONG_FLOWS));
  const [forRecent, forLater] = [beside(recentNormals.length), beside(laterNormals.length)];
  const among = stratifiedSubset(attacks.length, undefined, forRecent + forLater, seed);
  const isRecent = new Set(stratifiedSubset(among.length, undefined, forRecent, seed));
  const attacksWhere = (wanted: boolean): Float32Array =>
    Float32Array.from(
      among.filter((_, i) => isRecent.has(i) === wanted),
      (i) => attacks[i] ?? 0,
    );
  const recentAttacks = attacksWhere(true);
  const laterAttacks = attacksWhere(false);
  const former = await withScorer(model, async ({ thresholds }) => thresholds.heldBack);
  const { distribution } = recalibrateScores(Float32Array.of(...recentNormals, ...recentAttacks), former, 0);
  const above = (scores: Float32Array, threshold: number): number =>
    scores.filter((score) => score >= threshold).length;
  return {
    recentNormals: recentNormals.length,
    recentAttacks: recentAttacks.length,
    laterNormals: laterNormals.length,
    laterAttacks: laterAttacks.length,
    budgets: BUDGETS.map((budget) => {
      const [before, now] = [thresholdForBudget(former, budget), thresholdForBudget(distribution, budget)];
      const falseAlarms = above(laterNormals, now);
      return {
        budget,
        alarmsBefore: above(laterNormals, before) + above(laterAttacks, before),
        alarms: falseAlarms + above(laterAttacks, now),
        falseAlarms,
      };
    }),
  };
}

/** A case's alarms at one budget, all seeds together. */
export interface BudgetAlarms {
  readonly budget: number;
  /** As many as the budget lets through. */
  readonly wanted: number;
  readonly before: number;
  readonly after: number;
  readonly falseAlarms: number;
}

export function sumAlarms(seeds: readonly RecalibrationResult[]): BudgetAlarms[] {
  return BUDGETS.map((budget, k) => {
    const sum = (of: (seed: RecalibrationResult) => number | undefined): number =>
      seeds.reduce((total, seed) => total + (of(seed) ?? 0), 0);
    return {
      budget,
      wanted: budget * sum(({ laterNormals, laterAttacks }) => laterNormals + laterAttacks),
      before: sum(({ budgets }) => budgets[k]?.alarmsBefore),
      after: sum(({ budgets }) => budgets[k]?.alarms),
      falseAlarms: sum(({ budgets }) => budgets[k]?.falseAlarms),
    };
  });
}

/** A row a case, all seeds taken together. */
export function formatRecalibrations(
  cases: readonly { readonly name: string; readonly seeds: readonly RecalibrationResult[] }[],
): string {
  const heads = BUDGETS.map((budget) => `at ${100 * budget} %: wanted, before, after, false ones`.padEnd(46));
  return [
    "Oddflow recalibrated on half of the test part's normal flows (the earlier half of a later day) with 2 % attacks among them,",
    "without labels: alarms on the other half with as many attacks among them, times the budget, all seeds together",
    `   ${"case".padEnd(21)}${heads.join("").trimEnd()}`,
    ...cases.map(({ name, seeds }) => {
      const cells = sumAlarms(seeds).map(({ wanted, before, after, falseAlarms }) =>
        `${wanted.toFixed(1)}, ${times(before, wanted)}, ${times(after, wanted)}, ${times(falseAlarms, wanted)}`.padEnd(
          46,
        ),
      );
      return `   ${name.padEnd(21)}${cells.join("").trimEnd()}`;
    }),
  ].join("\n");
}

function times(alarms: number, wanted: number): string {
  return `${(alarms / wanted).toFixed(2)} times`;
}
