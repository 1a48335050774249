/** The middle of some figures, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** @param values at least one */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
  return { median, lowest: sorted[0] ?? Number.NaN, highest: sorted.at(-1) ?? Number.NaN };
}

type Sides = Readonly<Record<string, () => Promise<unknown>>>;

/** What each side gave, a result a round. */
export type Rounds<Taken extends Sides> = {
  -readonly [Name in keyof Taken]: Awaited<ReturnType<NonNullable<Taken[Name]>>>[];
};

/**
 * Takes every side in turn, so that what slows the machine for a while slows all of them; every other round goes backwards, so
 * that none is always the first.
 */
export async function inTurns<Taken extends Sides>(rounds: number, sides: Taken): Promise<Rounds<Taken>> {
  const results: Record<string, unknown[]> = {};
  for (let round = 0; round < rounds; round++) {
    const forwards = Object.entries(sides);
    for (const [name, run] of round % 2 === 0 ? forwards : forwards.reverse()) {
      results[name] ??= [];
      results[name].push(await run());
    }
  }
  return results as Rounds<Taken>;
}

/** The spread of a figure that is made of the same round's results. */
export function spreadOverRounds(rounds: number, figure: (round: number) => number): Spread {
  return spreadOf(Array.from({ length: rounds }, (_, round) => figure(round)));
}
