import type { ColumnProfile, FlowProfile } from "./flow-profile.ts";

/** How far a distribution has moved. */
export interface PopulationShift {
  /** The population stability index. */
  readonly psi: number;
  /** What unmoved flows reach by chance once in ten thousand times, for so many flows and bins. */
  readonly chance: number;
  /** The index less what chance adds to it on average; 0 where it does not exceed `chance`. */
  readonly moved: number;
}

/** How far a column has moved, and its shares of odd values before and now, 0 to 1. */
export interface ColumnShift extends PopulationShift {
  readonly name: string;
  /** Values that the fitted flows lacked; undefined for a number whose bins are ranges. */
  readonly unseen: BeforeAndNow | undefined;
  readonly missing: BeforeAndNow;
}

/** A share (0 to 1) of the flows that were trained on, and of those of now. */
export interface BeforeAndNow {
  readonly before: number;
  readonly now: number;
}

/** An index below it is read as stable. Siddiqi, Credit Risk Scorecards (2006). */
export const PSI_MOVED = 0.1;
/** An index above it is read as moved far. */
export const PSI_MOVED_FAR = 0.25;

/** A share that is nothing counts as this much, so that its logarithm is not without bound. */
const LEAST_SHARE = 1e-4;
/** ... or as so many of the flows where that is more: an empty bin of a small sample says little. */
const LEAST_FLOWS = 0.5;

/** The standard normal distribution's quantile that one in ten thousand lies above: a table has dozens of columns. */
const ONE_IN_TEN_THOUSAND = 3.719;

/**
 * The population stability index of flows counted in the same bins before and now: the sum of (p - q) ln(p / q) over the
 * bins' shares, which is Jeffreys' divergence. 0 for equal shares, symmetric, never negative.
 *
 * Of unmoved flows it is about (1/n + 1/m) times a chi-square variable of as many degrees of freedom as there are bins
 * less one (Yurdakul and Naranjo, Statistical properties of the population stability index, Journal of Risk Model
 * Validation 14(4), 2020), so a small sample seems to have moved. `chance` and `moved` account for that. A bin that the
 * smaller sample hardly reaches counts for a fraction of a degree.
 *
 * Both lists have a count (0 or more) for each bin and the same length; without any flow on a side, nothing has moved.
 */
export function populationShift(before: ArrayLike<number>, now: ArrayLike<number>): PopulationShift {
  const n = sum(before);
  const m = sum(now);
  if (n === 0 || m === 0) return { psi: 0, chance: 0, moved: 0 };
  const noise = 1 / n + 1 / m;
  let psi = 0;
  let bins = 0;
  for (let i = 0; i < before.length; i++) {
    const was = (before[i] as number) / n;
    const is = (now[i] as number) / m;
    const p = Math.max(was, Math.min(is, Math.max(LEAST_SHARE, LEAST_FLOWS / n)));
    const q = Math.max(is, Math.min(was, Math.max(LEAST_SHARE, LEAST_FLOWS / m)));
    if (p !== q) psi += (p - q) * Math.log(p / q);
    const pooled = ((before[i] as number) + (now[i] as number)) / (n + m);
    bins += Math.min(1, pooled * Math.min(n, m));
  }
  const freedom = Math.max(1, bins - 1);
  const chance = noise * chiSquareQuantile(freedom);
  return { psi, chance, moved: psi > chance ? psi - noise * freedom : 0 };
}

/**
 * How far each column of a profile has moved to another with the same bins, the most moved first. Missing values are a
 * bin of their own, and so are unseen ones.
 */
export function columnShifts(before: FlowProfile, now: FlowProfile): ColumnShift[] {
  const shifts = before.columns.map((was, k): ColumnShift => {
    const is = now.columns[k] ?? was;
    const share = (count: (column: ColumnProfile) => number): BeforeAndNow => ({
      before: count(was) / before.flows,
      now: count(is) / now.flows,
    });
    return {
      name: was.name,
      ...populationShift([...was.counts, was.missing], [...is.counts, is.missing]),
      unseen: was.bins === "ranges" ? undefined : share(({ counts }) => counts[counts.length - 1] ?? 0),
      missing: share(({ missing }) => missing),
    };
  });
  return shifts.sort((a, b) => b.moved - a.moved || b.psi - a.psi);
}

/** The quantile that one in ten thousand lies above: Wilson and Hilferty (1931). */
function chiSquareQuantile(freedom: number): number {
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + ONE_IN_TEN_THOUSAND * Math.sqrt(spread)) ** 3;
}

function sum(counts: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i] as number;
  return total;
}
