import { recalibrateScores, thresholdForBudget } from "@oddflow/detector";
import { type Split, stratifiedSubset } from "@oddflow/trainer";
import { type CaseFlows, testLabels } from "./case-flows.ts";
import { type OddflowRun, withScorer } from "./oddflow.ts";

const BUDGET = 0.01;
/** Of the test part's normal flows; the others are counted. */
const RECENT_SHARE = 0.1;
/** Of the recent flows. */
const ATTACKS_AMONG_RECENT = 0.02;

/** False alarms at a budget of 1 %, before and after recalibration, on normal flows that recalibration did not see. */
export interface RecalibrationResult {
  readonly budget: number;
  readonly recentNormals: number;
  readonly recentAttacks: number;
  /** What recalibration took for attacks, a share of the recent flows. */
  readonly leftOut: number;
  readonly normals: number;
  readonly alarmsBefore: number;
  readonly alarms: number;
}

/** Recalibrates as `oddflow recalibrate` does when it is told nothing: labels draw the recent flows and count the alarms. */
export async function measureRecalibration(
  { model, run }: OddflowRun,
  flows: CaseFlows,
  split: Split,
  seed: number,
): Promise<RecalibrationResult> {
  const isAttack = testLabels(flows, split);
  const normals = run.scores.filter((_, i) => isAttack[i] === 0);
  const attacks = run.scores.filter((_, i) => isAttack[i] !== 0);
  const drawn = stratifiedSubset(normals.length, undefined, RECENT_SHARE, seed);
  const wanted = Math.round((drawn.length * ATTACKS_AMONG_RECENT) / (1 - ATTACKS_AMONG_RECENT));
  const among = stratifiedSubset(attacks.length, undefined, wanted, seed);
  const recent = Float32Array.from([
    ...[...drawn].map((i) => normals[i] ?? 0),
    ...[...among].map((i) => attacks[i] ?? 0),
  ]);
  const isDrawn = new Set(drawn);
  const others = normals.filter((_, i) => !isDrawn.has(i));
  const former = await withScorer(model, async ({ thresholds }) => thresholds.heldBack);
  const { distribution, leftOut } = recalibrateScores(recent, former);
  const alarmsAt = (threshold: number): number => others.filter((score) => score >= threshold).length;
  return {
    budget: BUDGET,
    recentNormals: drawn.length,
    recentAttacks: among.length,
    leftOut,
    normals: others.length,
    alarmsBefore: alarmsAt(thresholdForBudget(former, BUDGET)),
    alarms: alarmsAt(thresholdForBudget(distribution, BUDGET)),
  };
}

const LEAST = 0.005;
const MOST = 0.02;

/** A row a case, means over the seeds. */
export function formatRecalibrations(
  cases: readonly { readonly name: string; readonly seeds: readonly RecalibrationResult[] }[],
): string {
  return [
    "Oddflow recalibrated on a tenth of the test part's normal flows with 2 % attacks among them, without labels:",
    "false alarms on the other normal flows at a budget of 1 %",
    `   ${"case".padEnd(15)}${"before".padEnd(12)}${"after".padEnd(12)}${"of the seeds".padEnd(20)}left out`,
    ...cases.map(({ name, seeds }) => {
      const mean = (of: (seed: RecalibrationResult) => number): number =>
        seeds.reduce((sum, seed) => sum + of(seed), 0) / seeds.length;
      const after = seeds.map(({ alarms, normals }) => alarms / normals);
      const share = mean(({ alarms, normals }) => alarms / normals);
      const cells = [
        name.padEnd(15),
        percent(mean(({ alarmsBefore, normals }) => alarmsBefore / normals)).padEnd(12),
        percent(share).padEnd(12),
        `${percent(Math.min(...after))} to ${percent(Math.max(...after))}`.padEnd(20),
        percent(mean(({ leftOut }) => leftOut)).padEnd(12),
        `${share >= LEAST && share <= MOST ? "within" : "NOT within"} ${percent(LEAST)} to ${percent(MOST)}`,
      ];
      return `   ${cells.join("")}`;
    }),
  ].join("\n");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
