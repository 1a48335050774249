import { textHash } from "./text-hash.ts";

/** So many different values are kept; of more their number is estimated, to a tenth or so. */
const MOST_VALUES = 100;

/** So many are named. */
const MOST_NAMED = 10;

const HASHES = 2 ** 32;

/** A value, and how many flows have it. */
export interface ValueCount {
  readonly value: string;
  readonly flows: number;
}

/** Which values some flows have. */
export interface CountedValues {
  /** How many different ones. */
  readonly count: number;
  /** Whether that is exact; where not, it is an estimate to a tenth or so, and `most` is drawn from a hundred of them by chance. */
  readonly isExact: boolean;
  /** At most ten, those of most flows first, then by code units. */
  readonly most: readonly ValueCount[];
}

interface Kept {
  readonly hash: number;
  flows: number;
}

/**
 * Counts flows by a value in bounded memory. Where there are many values, those with the least hashes are kept, so that what comes of it
 * hangs on no order; how many there were is told by how little the largest of these hashes is (K. Beyer et al., On synopses for distinct-value
 * estimation under multiset operations, SIGMOD 2007).
 */
export class ValueCounts {
  readonly #kept = new Map<string, Kept>();
  /** The value with the largest hash, where no more may be kept. */
  #last: Hashed | undefined;
  #isExact = true;

  /** @param value null counts nothing */
  add(value: string | null, flows = 1): void {
    if (value === null) return;
    const known = this.#kept.get(value);
    if (known !== undefined) {
      known.flows += flows;
      return;
    }
    const hash = textHash(value);
    if (this.#last !== undefined) {
      this.#isExact = false;
      if (isBefore(this.#last, { value, hash })) return;
      this.#kept.delete(this.#last.value);
    }
    this.#kept.set(value, { hash, flows });
    if (this.#kept.size === MOST_VALUES) this.#last = this.#largest();
  }

  /** Adds what others have counted. */
  addAll(other: ValueCounts): void {
    for (const [value, { flows }] of other.#kept) this.add(value, flows);
    this.#isExact &&= other.#isExact;
  }

  values(): CountedValues {
    const all = [...this.#kept].map(([value, { flows }]) => ({ value, flows }));
    return {
      count: this.#isExact ? all.length : this.#estimate(),
      isExact: this.#isExact,
      most: all.sort((a, b) => b.flows - a.flows || compareTexts(a.value, b.value)).slice(0, MOST_NAMED),
    };
  }

  #estimate(): number {
    const share = ((this.#last?.hash ?? 0) + 1) / HASHES;
    return Math.max(MOST_VALUES + 1, Math.round((MOST_VALUES - 1) / share));
  }

  #largest(): Hashed {
    const [first, ...rest] = [...this.#kept].map(([value, { hash }]) => ({ value, hash }));
    return rest.reduce((last, own) => (isBefore(last, own) ? own : last), first as Hashed);
  }
}

interface Hashed {
  readonly value: string;
  readonly hash: number;
}

function isBefore(one: Hashed, other: Hashed): boolean {
  return one.hash < other.hash || (one.hash === other.hash && compareTexts(one.value, other.value) < 0);
}

/** By code units, as `sort` does. */
export function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
