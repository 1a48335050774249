import type { ScoreArray } from "./check-scores.ts";

/** Mean and population standard deviation of a class's scores, which are its reconstruction errors. */
export interface ScoreSpread {
  readonly mean: number;
  readonly deviation: number;
}

/** Of the attacks or of the normal flows; null where there are none. A label other than 0 is an attack. */
export function scoreSpread(
  scores: ScoreArray,
  isAttack: Uint8Array,
  ofClass: "normal" | "attack",
): ScoreSpread | null {
  const wanted = ofClass === "attack";
  let count = 0;
  let sum = 0;
  for (let row = 0; row < scores.length; row++) {
    if ((isAttack[row] !== 0) !== wanted) continue;
    count++;
    sum += scores[row] ?? 0;
  }
  if (count === 0) return null;
  const mean = sum / count;
  // A second pass: the one-pass formula loses its digits where the deviation is small beside the mean.
  let squares = 0;
  for (let row = 0; row < scores.length; row++) {
    if ((isAttack[row] !== 0) !== wanted) continue;
    const difference = (scores[row] ?? 0) - mean;
    squares += difference * difference;
  }
  return { mean, deviation: Math.sqrt(squares / count) };
}
