/**
 * The tail of a score distribution: of all flows, the share `share` scores above `threshold`, and what they score above
 * it follows a generalised Pareto distribution (peaks over threshold: Pickands, 1975; Balkema and de Haan, 1974).
 */
export interface ScoreTail {
  readonly threshold: number;
  /** 0 to 1. */
  readonly share: number;
  /** xi: above 0 a heavy tail, 0 an exponential one, below 0 one that ends. */
  readonly shape: number;
  /** sigma, above 0, in the score's own unit. */
  readonly scale: number;
}

/** The share of the flows whose scores say what shape the tail has, where there are enough of them. */
const SHAPE_SHARE = 0.05;

/** A shape is fitted to this many scores at least, taking more than `SHAPE_SHARE` of a small sample, but never a fifth. */
const FEWEST_FOR_SHAPE = 100;
const LARGEST_SHARE = 0.2;

/** With fewer flows a tail's shape is supposed, not fitted. */
export const FEWEST_FLOWS_FOR_SHAPE: number = FEWEST_FOR_SHAPE / LARGEST_SHARE;

/**
 * Shapes outside of this come from kinds of traffic that lie apart rather than from one tail, and would move thresholds
 * by orders of magnitude.
 */
const SHAPES = { least: -0.5, greatest: 0.2 };

/** A sample's own quantiles are believed up to the score that so many of its flows lie above; there the tail begins. */
export const FEWEST_BEYOND = 10;

/** Of fewer flows than a shape can be fitted to: at most so many of them are taken for the tail. */
const LARGEST_SHARE_OF_FEW = 0.2;
const FEWEST_OF_FEW = 2;

/**
 * The shape of the tail of few scores before they have told any. Scores of autoencoders fall off as an exponential
 * distribution does, or more slowly.
 */
const SHAPE_OF_FEW = 0.1;

/**
 * Fits the tail of scores in rising order; undefined where there are fewer than three, or the highest are all alike.
 *
 * Its shape is that of the highest twentieth; it begins where ten flows are left, and its scale is what they lie above that
 * by on average. Scores of real traffic have lumps: a tail fitted to a twentieth as a whole, threshold and scale too, set
 * the threshold for one in a thousand so high that a tenth as many flows reached it (UNSW-NB15).
 */
export function fitScoreTail(sorted: Float32Array): ScoreTail | undefined {
  const flows = sorted.length;
  const count = Math.max(FEWEST_FOR_SHAPE, Math.round(SHAPE_SHARE * flows));
  if (flows < FEWEST_FLOWS_FOR_SHAPE) return fitFewScores(sorted);
  const above = excesses(sorted, count);
  if (!((above.values[Math.floor(count / 4)] ?? 0) > 0)) return undefined;
  const { shape: fitted } = fitGeneralisedPareto(above.values);
  const shape = Math.min(SHAPES.greatest, Math.max(SHAPES.least, fitted));
  const { threshold, values } = excesses(sorted, FEWEST_BEYOND);
  const mean = values.reduce((sum, excess) => sum + excess, 0) / FEWEST_BEYOND;
  // A generalised Pareto distribution's mean is scale / (1 - shape).
  return mean > 0 ? { threshold, share: FEWEST_BEYOND / flows, shape, scale: mean * (1 - shape) } : undefined;
}

/**
 * The tail of scores of which there are too few to fit a shape to: exponential at heart, and as much heavier as `count`
 * excesses leave its scale unknown. Averaged over what that scale may be, an exponential tail is a generalised Pareto one of
 * shape 1 / count, so that a budget is kept on average over samples, however few flows there are.
 */
function fitFewScores(sorted: Float32Array): ScoreTail | undefined {
  const flows = sorted.length;
  if (flows <= FEWEST_OF_FEW) return undefined;
  const count = Math.min(FEWEST_BEYOND, Math.max(FEWEST_OF_FEW, Math.floor(LARGEST_SHARE_OF_FEW * flows)));
  const { threshold, values } = excesses(sorted, count);
  const scale = values.reduce((sum, excess) => sum + excess, 0) / count;
  if (!(scale > 0)) return undefined;
  // Of so many flows the next one lies above the k-th highest with probability k / (flows + 1): the mean of two neighbours.
  return { threshold, share: (count + 0.5) / (flows + 1), shape: SHAPE_OF_FEW + 1 / count, scale };
}

/** What the `count` highest scores lie above the middle between them and the next one by. */
function excesses(sorted: Float32Array, count: number): { threshold: number; values: Float64Array } {
  const first = sorted.length - count;
  const threshold = ((sorted[first - 1] ?? 0) + (sorted[first] ?? 0)) / 2;
  return { threshold, values: Float64Array.from(sorted.subarray(first), (score) => score - threshold) };
}

/** The score that the share `budget` of all flows lies above; `budget` is above 0 and at most the tail's share. */
export function tailQuantile({ threshold, share, shape, scale }: ScoreTail, budget: number): number {
  const fold = share / budget;
  const reach = Math.abs(shape) < 1e-9 ? Math.log(fold) : (fold ** shape - 1) / shape;
  return threshold + scale * reach;
}

/** The share of all flows that lies above a score of `tail.threshold` or more. */
export function tailRarity({ threshold, share, shape, scale }: ScoreTail, score: number): number {
  const distance = (score - threshold) / scale;
  if (Math.abs(shape) < 1e-9) return share * Math.exp(-distance);
  return share * Math.max(0, 1 + shape * distance) ** (-1 / shape);
}

/**
 * Zhang and Stephens, "A new and efficient estimation method for the generalized Pareto distribution" (2009): a posterior
 * mean over a grid, without iteration, for any shape. `excesses` are in rising order and above 0 from the first quartile on.
 */
export function fitGeneralisedPareto(excesses: Float64Array): { shape: number; scale: number } {
  const n = excesses.length;
  const points = 20 + Math.floor(Math.sqrt(n));
  const largest = excesses[n - 1] ?? 0;
  const quartile = excesses[Math.floor(n / 4 + 0.5) - 1] ?? 0;
  const rate = (i: number): number => 1 / largest + (1 - Math.sqrt(points / (i + 0.5))) / (3 * quartile);
  const shapeAt = (theta: number): number => {
    let sum = 0;
    for (const excess of excesses) sum += Math.log1p(-theta * excess);
    return sum / n;
  };
  const thetas = Array.from({ length: points }, (_, i) => rate(i));
  const likelihoods = thetas.map((theta) => {
    const shape = shapeAt(theta);
    return n * (Math.log(-theta / shape) - shape - 1);
  });
  let mean = 0;
  thetas.forEach((theta, i) => {
    const own = likelihoods[i] ?? 0;
    const weight = 1 / likelihoods.reduce((sum, other) => sum + Math.exp(other - own), 0);
    mean += theta * weight;
  });
  const shape = shapeAt(mean);
  return { shape, scale: -shape / mean };
}
