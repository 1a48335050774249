import type { ComparedScores, OldAndNew } from "./compare-scores.ts";

/** The scores that two detectors give the same flows, and how rare each score is. */
export interface ChangedScores extends Pick<ComparedScores, "scores" | "thresholds" | "suppressed"> {
  /** The share of a detector's usual flows, 0 to 1, that score as high. */
  readonly rarity: OldAndNew<(score: number) => number>;
}

/** Rarer is not told apart: a score above all that a tail knows has a rarity of 0. */
const RAREST = 1e-12;

/**
 * The flows on which one detector alone raises an alarm: those that are the most usual to the other, held against how odd they are to
 * it. Flows whose alarm a rule takes away are none.
 * @param alarming the detector that raises the alarm
 * @returns at most `count` rows, from 0, those that changed most first
 */
export function mostChanged(
  { scores, thresholds, suppressed, rarity }: ChangedScores,
  alarming: "old" | "new",
  count: number,
): readonly number[] {
  const quiet = alarming === "old" ? "new" : "old";
  const changed: { readonly row: number; readonly change: number }[] = [];
  for (let row = 0; row < scores.old.length; row++) {
    const [high, low] = [scores[alarming][row] as number, scores[quiet][row] as number];
    if (suppressed?.[row] === 1 || !(high >= thresholds[alarming] && low < thresholds[quiet])) continue;
    changed.push({ row, change: rarity[quiet](low) / Math.max(RAREST, rarity[alarming](high)) });
  }
  changed.sort((one, other) => other.change - one.change || one.row - other.row);
  return changed.slice(0, count).map(({ row }) => row);
}
