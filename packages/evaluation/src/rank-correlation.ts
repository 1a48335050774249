import type { ScoreArray } from "./check-scores.ts";

/**
 * Spearman's rank correlation of the scores that two detectors give the same flows: 1 where they order them alike, -1 where one's
 * order is the other's turned round. Equal scores share the mean of their ranks, as in scipy's `spearmanr`.
 * @returns null where all scores of one detector are alike
 */
export function rankCorrelation(one: ScoreArray, other: ScoreArray): number | null {
  const first = centredRanks(one);
  const second = centredRanks(other);
  let [product, firstSquares, secondSquares] = [0, 0, 0];
  for (let row = 0; row < first.length; row++) {
    const [own, beside] = [first[row] as number, second[row] as number];
    product += own * beside;
    firstSquares += own * own;
    secondSquares += beside * beside;
  }
  return firstSquares === 0 || secondSquares === 0
    ? null
    : product / (Math.sqrt(firstSquares) * Math.sqrt(secondSquares));
}

/** Ranks less their mean. */
function centredRanks(scores: ScoreArray): Float64Array {
  const sorted = scores.slice().sort();
  const ranks = new Float64Array(scores.length);
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row] as number;
    const before = countBefore(sorted, (other) => other < score);
    const upTo = countBefore(sorted, (other) => other <= score);
    ranks[row] = (before + upTo - sorted.length) / 2;
  }
  return ranks;
}

/** How many of sorted scores come before the first that is not so. */
function countBefore(sorted: ScoreArray, isBefore: (score: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(sorted[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}
