import { scoreRarity, summariseScores, thresholdForBudget } from "./alert-budget.ts";
import type { ScoreDistribution } from "./thresholds.ts";

/** What a host did in a stretch of time, as its flows' probabilities tell it. */
export interface HostActivity {
  /** Tells hosts apart, networks included. */
  readonly host: string;
  /** The sum of 1 / probability over its flows, one or more, a probability being `LEAST_PROBABILITY` at least. */
  readonly inverseSum: number;
}

/** Rarer than this no flow counts: of what is beyond a tail's end no model can tell how rare it is. */
export const LEAST_PROBABILITY = 1e-6;

/** A host's own middle counts as much as everybody's where it has been seen in so many stretches of time. */
const BACK_OFF_WINDOWS = 5;

/**
 * How odd a host's flows are together: ln(sum(1 / p)), so that a flow which is one in a thousand counts as much as a thousand usual ones.
 *
 * It is the number of flows by the harmonic mean of their probabilities, which combines them without supposing that they are independent, as flows
 * of a host are not (Wilson, "The harmonic mean p-value for combining dependent tests", 2019). Chosen by hand from some twenty sums and means on seeds 1
 * and 2 of two tables, either end, windows of ten minutes and an hour, since it found more than counting alarms did in all eight; one other did, too.
 * `pnpm bench:hosts` holds it to counting alarms on other seeds.
 */
function hostActivityScore({ inverseSum }: HostActivity): number {
  return Math.log(inverseSum);
}

/** What hosts usually do. */
export class HostBaseline {
  /** Of the activities that it was fitted on, as `score` gives them. */
  readonly distribution: ScoreDistribution;
  readonly #middle: number;
  readonly #spread: number;
  readonly #shifts: ReadonlyMap<string, number>;

  /**
   * @param activities at least one; unlabelled, attacks may be among them
   * @param knowsHosts whether a host is held to what it did itself, too: of use where no attacker is among the activities
   */
  constructor(activities: readonly HostActivity[], knowsHosts: boolean) {
    const scores = activities.map(hostActivityScore);
    this.#middle = median(scores);
    this.#spread = median(scores.map((score) => Math.abs(score - this.#middle)));
    this.#shifts = knowsHosts ? this.#ownShifts(activities, scores) : new Map();
    this.distribution = summariseScores(Float32Array.from(activities, (activity) => this.score(activity)));
  }

  /**
   * How odd an activity is, beside what its host usually does where that is known. A host's own past moves its score by no more than
   * the spread of all (the median of the distances from the median): without a bound an attacker who was there before would be usual.
   */
  score(activity: HostActivity): number {
    return hostActivityScore(activity) - (this.#shifts.get(activity.host) ?? 0);
  }

  /** The score that the share `budget`, 0 to 1, of usual activities lies above. */
  threshold(budget: number): number {
    return thresholdForBudget(this.distribution, budget);
  }

  /** The share of usual activities that score as high. */
  rarity(score: number): number {
    return scoreRarity(this.distribution, score);
  }

  #ownShifts(activities: readonly HostActivity[], scores: readonly number[]): Map<string, number> {
    const byHost = new Map<string, number[]>();
    for (const [k, { host }] of activities.entries()) {
      const own = byHost.get(host);
      if (own === undefined) byHost.set(host, [scores[k] as number]);
      else own.push(scores[k] as number);
    }
    return new Map(
      [...byHost].map(([host, own]) => {
        const shift = ((median(own) - this.#middle) * own.length) / (own.length + BACK_OFF_WINDOWS);
        return [host, Math.min(this.#spread, Math.max(-this.#spread, shift))];
      }),
    );
  }
}

/** @param values at least one */
function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const upper = sorted.length >> 1;
  const high = sorted[upper] as number;
  return sorted.length % 2 === 1 ? high : ((sorted[upper - 1] as number) + high) / 2;
}
