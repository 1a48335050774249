/** How many of a host's longest silences say what its others would be like. */
const LONGEST = 10;

/** Before a host has shown it, its longest silences are longer than the next by so much of that one, as if so many of them had said so. */
const USUAL_EXCESS = 0.4;
const USUAL_WEIGHT = 10;

/** How long a host is silent: the tail of its silences, in flows that would have been expected. */
export class UsualSilences {
  /** The longest first. */
  readonly #longest: readonly number[];

  /** @param silences in any order, two at least, each in expected flows; of each hour the longest */
  constructor(silences: readonly number[]) {
    this.#longest = silences.toSorted((a, b) => b - a).slice(0, LONGEST + 2);
  }

  /** How far the longest silence is beyond what the others make likely. */
  get longestByOthers(): number {
    const [longest = 0, ...others] = this.#longest;
    const { threshold, excess, count } = tailOf(others);
    return Math.max(0, (longest - threshold) / excess - Math.log(count / LONGEST));
  }

  /** The silence that is so far beyond what was seen, and longer than all of it. */
  limit(level: number): number {
    const { threshold, excess, count } = tailOf(this.#longest);
    return Math.max(this.#longest[0] ?? 0, threshold + excess * (level + Math.log(count / LONGEST)));
  }
}

/**
 * Peaks over a threshold, an exponential tail: `count` silences lie above the threshold, `excess` by the mean, which the usual one is
 * mixed into (Davison and Smith, "Models for exceedances over high thresholds", 1990). Of a silence m the number expected among so many is
 * count * exp(-(m - threshold) / excess).
 * @param longest the longest first, one at least
 */
function tailOf(longest: readonly number[]): { threshold: number; excess: number; count: number } {
  const count = Math.max(1, Math.min(LONGEST, longest.length - 1));
  const threshold = longest[Math.min(count, longest.length - 1)] ?? 0;
  const above = longest.slice(0, count).reduce((sum, silence) => sum + silence - threshold, 0);
  const excess = (above + USUAL_WEIGHT * USUAL_EXCESS * threshold) / (count + USUAL_WEIGHT);
  return { threshold, excess: Math.max(excess, Number.MIN_VALUE), count };
}
