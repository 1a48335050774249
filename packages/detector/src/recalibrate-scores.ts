import { scoreRarity, summariseScores, thresholdForBudget } from "./alert-budget.ts";
import { FEWEST_BEYOND, FEWEST_FLOWS_FOR_SHAPE, type ScoreTail } from "./score-tail.ts";
import type { ScoreDistribution } from "./thresholds.ts";

/** A score distribution from recent flows of which some may be attacks. */
export interface RecalibratedScores {
  readonly distribution: ScoreDistribution;
  /** The share of the recent flows, 0 to 1, that was taken for attacks and left out: those with the highest scores. */
  readonly leftOut: number;
}

/** The share of the flows at which the recent and the former scores are laid over each other: above it the tail begins. */
const TAIL_BEGINS = 0.1;

/** More attacks than this are not taken for granted: the model's user has to say so. */
const MOST_LEFT_OUT = 0.05;

/** Where flows were left out, usual ones among them, the highest of those that stay say little. */
const LEAST_TAIL = 0.01;
const LARGEST_TAIL = 0.05;

/** A mean over a tail is taken over so many of its quantiles. */
const QUANTILES = 200;

/**
 * The score distribution of recent, unlabelled flows, for a model whose scores were spread as `former` says before.
 *
 * `leftOut` is the share of the highest scores, 0 to below 1, that are taken for attacks: 0, and a budget is of all flows like the
 * recent ones; above, and it is of those that stay. Where it is undefined it is estimated: the former scores are shifted so that the score that a tenth lies above is the recent one; where more recent
 * flows lie above a higher score than that explains, by more than a standard error, the largest excess is held to be
 * attacks, up to a twentieth of the flows. A tail that grew heavier without attacks looks the same, and then there are
 * more alarms by that share.
 *
 * Where some are left out, the highest of those that stay say little of a tail, so the former tail's shape is kept, at the recent
 * scale, where it was fitted to enough flows.
 * `recent` has at least one score, all finite.
 */
export function recalibrateScores(
  recent: Float32Array,
  former: ScoreDistribution,
  leftOut?: number,
): RecalibratedScores {
  const sorted = recent.slice().sort();
  const share = leftOut ?? excessShare(sorted, former);
  const dropped = Math.min(sorted.length - 1, Math.floor(share * sorted.length));
  const usual = sorted.subarray(0, sorted.length - dropped);
  const { tail: own, ...distribution } = summariseScores(usual);
  const isKept = dropped > 0 && former.tail !== undefined && former.flows >= FEWEST_FLOWS_FOR_SHAPE;
  const tail = isKept ? carryTail(former, former.tail, distribution) : own;
  return {
    distribution: tail ? { ...distribution, tail } : distribution,
    leftOut: dropped / sorted.length,
  };
}

/** The share of scores, in rising order, that lies beyond what the former distribution explains. */
function excessShare(sorted: Float32Array, former: ScoreDistribution): number {
  const n = sorted.length;
  const first = Math.floor((1 - TAIL_BEGINS) * (n - 1));
  const shift = (sorted[first] as number) - thresholdForBudget(former, TAIL_BEGINS);
  let excess = 0;
  for (let i = first; i < n; i++) {
    const found = (n - i) / n;
    const explained = scoreRarity(former, (sorted[i] as number) - shift);
    const error = Math.sqrt(found / n + explained / former.flows);
    excess = Math.max(excess, found - explained - error);
  }
  return Math.min(MOST_LEFT_OUT, excess);
}

/** The former tail beyond a share of the flows, moved to where that share begins now and stretched as the scores below. */
function carryTail(
  former: ScoreDistribution,
  tail: ScoreTail,
  recent: ScoreDistribution,
): ScoreTail | undefined {
  const least = FEWEST_BEYOND / recent.flows;
  const share = Math.min(LARGEST_TAIL, Math.max(least, tail.share, LEAST_TAIL));
  const formerStart = thresholdForBudget(former, share);
  const start = thresholdForBudget(recent, share);
  const stretch =
    (start - thresholdForBudget(recent, TAIL_BEGINS)) /
    (formerStart - thresholdForBudget(former, TAIL_BEGINS));
  // A generalised Pareto distribution's mean is scale / (1 - shape).
  const scale = meanExcess(former, share) * (1 - tail.shape) * stretch;
  return scale > 0 && Number.isFinite(scale)
    ? { threshold: start, share, shape: tail.shape, scale }
    : undefined;
}

/** What the highest scores, this share of all, lie above the lowest of them by on average. */
function meanExcess(distribution: ScoreDistribution, share: number): number {
  const start = thresholdForBudget(distribution, share);
  let sum = 0;
  for (let i = 0; i < QUANTILES; i++) {
    sum += thresholdForBudget(distribution, (share * (i + 0.5)) / QUANTILES) - start;
  }
  return sum / QUANTILES;
}
