import type { OptionRange } from "@oddflow/preprocessing";
import { fitScoreTail, tailQuantile, tailRarity } from "./score-tail.ts";
import type { ScoreDistribution } from "./thresholds.ts";

/** The share of usual flows that may raise an alarm when nobody says otherwise. */
export const DEFAULT_BUDGET = 0.01;

/** What a budget, a share of usual flows, may be. */
export const BUDGET: OptionRange = { from: 0, to: 1 };

/** The budgets whose thresholds a description of a model names. */
export const DESCRIBED_BUDGETS: readonly number[] = [0.1, 0.05, 0.01, 0.001];

/** The probabilities that a stored distribution keeps: every half percent, and finer steps towards the top. */
const PROBABILITIES: readonly number[] = [
  ...Array.from({ length: 180 }, (_, i) => i / 200),
  ...Array.from({ length: 90 }, (_, i) => 0.9 + i / 1000),
  ...Array.from({ length: 90 }, (_, i) => 0.99 + i / 10_000),
  ...Array.from({ length: 101 }, (_, i) => 0.999 + i / 100_000),
].map((probability) => Math.round(probability * 1e5) / 1e5);

/** Scores that many flows share are taken for a threshold only where these are at most so many times the budget. */
const MOST_OVER_BUDGET = 2;

/** Sums up the scores of held-back flows (at least one, all finite). Between two scores it interpolates linearly. */
export function summariseScores(scores: Float32Array): ScoreDistribution {
  const sorted = scores.slice().sort();
  const tail = fitScoreTail(sorted);
  return {
    flows: scores.length,
    probabilities: PROBABILITIES,
    scores: PROBABILITIES.map((probability) => interpolate(sorted, probability * (sorted.length - 1))),
    ...(tail ? { tail } : {}),
  };
}

/**
 * The score from which on a flow is an anomaly, so that about the share `budget` of usual flows is one.
 *
 * `budget` is from 0 to 1. Within the fitted tail the answer is the tail's, also for budgets finer than one in
 * `distribution.flows`; elsewhere, and without a tail, it is between the scores that were held back, and just above a score that
 * more than twice the budget of them share or exceed. A budget of 0 gives a score just above the highest of those.
 */
export function thresholdForBudget(distribution: ScoreDistribution, budget: number): number {
  const { probabilities, scores, tail } = distribution;
  const last = probabilities.length - 1;
  if (budget <= 0) return nextFloat32(scores[last] ?? 0);
  const threshold =
    tail !== undefined && budget <= tail.share
      ? tailQuantile(tail, budget)
      : Math.min(scoreBelow(distribution, budget), tail?.threshold ?? Number.POSITIVE_INFINITY);
  // The first that scores as high: many flows may share that score.
  const first = scores.findIndex((score) => score >= threshold);
  const reached = 1 - (probabilities[first - 1] ?? 0);
  return scores[first] === threshold && reached > MOST_OVER_BUDGET * budget
    ? nextFloat32(threshold)
    : threshold;
}

/** The score that the share `budget` of the held-back flows lies above. */
function scoreBelow({ probabilities, scores }: ScoreDistribution, budget: number): number {
  const wanted = 1 - budget;
  const upper = probabilities.findIndex((probability) => probability >= wanted);
  if (upper <= 0) return scores[0] ?? 0;
  const low = probabilities[upper - 1] ?? 0;
  const high = probabilities[upper] ?? 1;
  return interpolate(scores, upper - 1 + (wanted - low) / (high - low));
}

/**
 * Whether a budget is finer than one in all held-back flows: none of them shows a score that is as rare, and the threshold is what
 * the others make likely.
 */
export function isExtrapolated({ flows }: ScoreDistribution, budget: number): boolean {
  return budget > 0 && budget * flows < 1;
}

/**
 * How rare a score is: the share of usual flows, 0 to 1, that score as high or higher. The inverse of
 * `thresholdForBudget`; 0 above all that the distribution can say.
 */
export function scoreRarity(distribution: ScoreDistribution, score: number): number {
  const { probabilities, scores, tail } = distribution;
  if (tail !== undefined && score >= tail.threshold) return tailRarity(tail, score);
  let low = 0;
  let high = scores.length;
  // The first score that is as high: of those that many flows share it says how many have it, too.
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((scores[middle] ?? 0) >= score) high = middle;
    else low = middle + 1;
  }
  if (low === scores.length) return 0;
  const [below, above] = [scores[low - 1] ?? 0, scores[low] ?? 0];
  const [from, to] = [probabilities[low - 1] ?? 0, probabilities[low] ?? 1];
  const way = above === score ? 1 : low === 0 ? 0 : (score - below) / (above - below);
  const share = way === 1 ? 1 - to : 1 - (from + (to - from) * way);
  return tail === undefined ? share : Math.max(share, tail.share);
}

function interpolate(values: ArrayLike<number>, position: number): number {
  const below = Math.floor(position);
  const low = values[below] ?? 0;
  const high = values[Math.min(below + 1, values.length - 1)] ?? low;
  return low + (high - low) * (position - below);
}

/** Scores are float32, so this is the smallest score above `value` (which is no negative number). */
function nextFloat32(value: number): number {
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, value);
  bits.setUint32(0, bits.getUint32(0) + 1);
  return bits.getFloat32(0);
}
