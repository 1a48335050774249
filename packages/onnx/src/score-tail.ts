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

/** The share of flows that is looked at as the tail, where there are enough of them. */
const TAIL_SHARE = 0.05;

/** A tail is fitted to this many scores at least, taking more than `TAIL_SHARE` of a small sample, but never a fifth. */
const FEWEST_EXCESSES = 100;
const LARGEST_SHARE = 0.2;

/** Fits the tail of scores in rising order; undefined where there are too few, or the highest are all alike. */
export function fitScoreTail(sorted: Float32Array): ScoreTail | undefined {
  const count = Math.max(FEWEST_EXCESSES, Math.round(TAIL_SHARE * sorted.length));
  if (count > LARGEST_SHARE * sorted.length) return undefined;
  const first = sorted.length - count;
  const threshold = ((sorted[first - 1] ?? 0) + (sorted[first] ?? 0)) / 2;
  const excesses = Float64Array.from(sorted.subarray(first), (score) => score - threshold);
  const quartile = excesses[Math.floor(count / 4)] ?? 0;
  if (!(quartile > 0)) return undefined;
  const { shape, scale } = fitGeneralisedPareto(excesses);
  return { threshold, share: count / sorted.length, shape, scale };
}

/** The score that the share `budget` of all flows lies above; `budget` is above 0 and at most the tail's share. */
export function tailQuantile({ threshold, share, shape, scale }: ScoreTail, budget: number): number {
  const fold = share / budget;
  const reach = Math.abs(shape) < 1e-9 ? Math.log(fold) : (fold ** shape - 1) / shape;
  return threshold + scale * reach;
}

/** The share of all flows that lies above a score of `tail.threshold` or more. */
export function tailShareAbove({ threshold, share, shape, scale }: ScoreTail, score: number): number {
  const distance = (score - threshold) / scale;
  if (Math.abs(shape) < 1e-9) return share * Math.exp(-distance);
  return share * Math.max(0, 1 + shape * distance) ** (-1 / shape);
}

/**
 * Zhang and Stephens, "A new and efficient estimation method for the generalized Pareto distribution" (2009): a posterior
 * mean over a grid, without iteration, for any shape. `excesses` are in rising order and above 0 from the first quartile on.
 */
function fitGeneralisedPareto(excesses: Float64Array): { shape: number; scale: number } {
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
