import { checkScores, type ScoreArray } from "./check-scores.ts";

/**
 * How many flows each possible threshold flags: every distinct score is a threshold, and a flow is flagged when its
 * score is at or above it. Thresholds decrease, so the counts never fall. The last threshold flags every flow.
 */
export interface ThresholdCounts {
  readonly thresholds: Float64Array;
  /** Normal flows flagged at each threshold. */
  readonly falsePositives: Uint32Array;
  /** Attacks flagged at each threshold. */
  readonly truePositives: Uint32Array;
  readonly normals: number;
  readonly attacks: number;
}

/**
 * The one sort of an evaluation. A label other than 0 is an attack. Throws as checkScores does.
 */
export function countAtThresholds(scores: ScoreArray, isAttack: Uint8Array): ThresholdCounts {
  checkScores(scores, isAttack);
  const { normalScores, attackScores } = sortByClass(scores, isAttack);
  const thresholds = new Float64Array(scores.length);
  const falsePositives = new Uint32Array(scores.length);
  const truePositives = new Uint32Array(scores.length);
  let normalsLeft = normalScores.length;
  let attacksLeft = attackScores.length;
  let count = 0;
  while (normalsLeft > 0 || attacksLeft > 0) {
    const topNormal = normalsLeft > 0 ? (normalScores[normalsLeft - 1] ?? 0) : Number.NEGATIVE_INFINITY;
    const topAttack = attacksLeft > 0 ? (attackScores[attacksLeft - 1] ?? 0) : Number.NEGATIVE_INFINITY;
    const threshold = Math.max(topNormal, topAttack);
    while (normalsLeft > 0 && normalScores[normalsLeft - 1] === threshold) normalsLeft--;
    while (attacksLeft > 0 && attackScores[attacksLeft - 1] === threshold) attacksLeft--;
    thresholds[count] = threshold;
    falsePositives[count] = normalScores.length - normalsLeft;
    truePositives[count] = attackScores.length - attacksLeft;
    count++;
  }
  return {
    thresholds: thresholds.slice(0, count),
    falsePositives: falsePositives.slice(0, count),
    truePositives: truePositives.slice(0, count),
    normals: normalScores.length,
    attacks: attackScores.length,
  };
}

/** Ascending scores of either class. Two typed arrays sort natively, many times faster than a sorted permutation. */
function sortByClass(
  scores: ScoreArray,
  isAttack: Uint8Array,
): { normalScores: ScoreArray; attackScores: ScoreArray } {
  let attacks = 0;
  for (let row = 0; row < isAttack.length; row++) {
    if (isAttack[row] !== 0) attacks++;
  }
  const ArrayType = scores instanceof Float32Array ? Float32Array : Float64Array;
  const normalScores = new ArrayType(scores.length - attacks);
  const attackScores = new ArrayType(attacks);
  let nextNormal = 0;
  let nextAttack = 0;
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row] ?? 0;
    if (isAttack[row] !== 0) attackScores[nextAttack++] = score;
    else normalScores[nextNormal++] = score;
  }
  return { normalScores: normalScores.sort(), attackScores: attackScores.sort() };
}
