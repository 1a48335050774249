import type { ScoreDistribution } from "./detector-metadata.ts";

/** The probabilities that a stored distribution keeps: every half percent, and finer steps towards the top. */
const PROBABILITIES: readonly number[] = [
  ...Array.from({ length: 180 }, (_, i) => i / 200),
  ...Array.from({ length: 90 }, (_, i) => 0.9 + i / 1000),
  ...Array.from({ length: 90 }, (_, i) => 0.99 + i / 10_000),
  ...Array.from({ length: 101 }, (_, i) => 0.999 + i / 100_000),
].map((probability) => Math.round(probability * 1e5) / 1e5);

/** Sums up the scores of held-back flows (at least one, all finite). Between two scores it interpolates linearly. */
export function summariseScores(scores: Float32Array): ScoreDistribution {
  const sorted = scores.slice().sort();
  return {
    flows: scores.length,
    probabilities: PROBABILITIES,
    scores: PROBABILITIES.map((probability) => interpolate(sorted, probability * (sorted.length - 1))),
  };
}

/**
 * The score from which on a flow is an anomaly, so that about the share `budget` of usual flows is one.
 * `budget` is from 0 to 1. A budget of 0 gives a score just above the highest that was held back; a budget finer than
 * one in `distribution.flows` lies beyond what was seen, and the answer is between the highest scores.
 */
export function thresholdForBudget(distribution: ScoreDistribution, budget: number): number {
  const { probabilities, scores } = distribution;
  const last = probabilities.length - 1;
  if (budget <= 0) return nextFloat32(scores[last] ?? 0);
  const wanted = 1 - budget;
  const upper = probabilities.findIndex((probability) => probability >= wanted);
  if (upper <= 0) return scores[0] ?? 0;
  const low = probabilities[upper - 1] ?? 0;
  const high = probabilities[upper] ?? 1;
  return interpolate(scores, upper - 1 + (wanted - low) / (high - low));
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
