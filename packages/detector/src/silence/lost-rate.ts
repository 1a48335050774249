/** What a host sent in a stretch of time, and what was expected of it; flows. */
export interface SentFlows {
  readonly flows: number;
  readonly expected: number;
}

/** A rate has fallen far where it is this much of the expected one, or less. */
const FALLEN_TO = 0.5;

/** Of fewer expected flows nobody can tell. */
const LEAST_EXPECTED = 5;

/** Fewer stretches say nothing of the others. */
const LEAST_BLOCKS = 4;

/** The square of how far a host's stretches differ by themselves, relative to their mean, before it has shown it: as if so many had said so. */
const USUAL_SPREAD = 0.25;
const USUAL_WEIGHT = 5;

/** How far a host's rate falls: its stretches of one length, and what was expected in each. */
export class UsualRate {
  readonly #blocks: readonly SentFlows[];
  readonly #spreads: readonly number[];
  readonly #spread: number;

  constructor(blocks: readonly SentFlows[]) {
    this.#blocks = blocks.filter(({ expected }) => expected >= LEAST_EXPECTED);
    this.#spreads = this.#blocks.map(({ flows, expected }) =>
      Math.max(0, ((flows - expected) ** 2 - expected) / expected ** 2),
    );
    this.#spread = this.#spreads.reduce((sum, spread) => sum + spread, 0);
  }

  get #isKnown(): boolean {
    return this.#blocks.length >= LEAST_BLOCKS;
  }

  /**
   * How far the stretch with the least was below what the others make likely; 0 where it was not far, too few are known, or there was none of
   * its flows, which is a silence.
   */
  get lowestByOthers(): number {
    if (!this.#isKnown) return 0;
    const shares = this.#blocks.map(({ flows, expected }) => flows / expected);
    const lowest = shares.indexOf(Math.min(...shares));
    return shares[lowest] === 0 ? 0 : this.#score(this.#blocks[lowest], lowest);
  }

  /** How far a stretch is below what was seen, and below all of it; 0 where it is not far, too few are known, or there is none. */
  score(sent: SentFlows): number {
    const isLower = this.#blocks.every((own) => sent.flows * own.expected < own.flows * sent.expected);
    return this.#isKnown && isLower && sent.flows > 0 && sent.expected >= LEAST_EXPECTED
      ? this.#score(sent, undefined)
      : 0;
  }

  /**
   * Half the deviance of a negative binomial count from its mean, which -ln(chance) of such a count or less goes by (Hilbe, "Negative Binomial
   * Regression", 2011); its dispersion by moments of the stretches, the usual one mixed in.
   */
  #score(sent: SentFlows | undefined, left: number | undefined): number {
    if (sent === undefined || sent.flows > FALLEN_TO * sent.expected) return 0;
    const own = left === undefined ? 0 : (this.#spreads[left] as number);
    const count = this.#blocks.length - (left === undefined ? 0 : 1);
    const dispersion = (this.#spread - own + USUAL_WEIGHT * USUAL_SPREAD) / (count + USUAL_WEIGHT);
    const { flows, expected } = sent;
    const size = 1 / dispersion;
    return flows * Math.log(flows / expected) - (flows + size) * Math.log((flows + size) / (expected + size));
  }
}
