import { randomNumbers } from "../random-numbers.ts";

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
 * Takes every side in turn, so that what slows the machine for a while slows all of them. The order of a round is drawn, and the
 * next round goes backwards: over two rounds none is first more often than last, and nothing that comes and goes keeps step with one.
 */
export async function inTurns<Taken extends Sides>(rounds: number, sides: Taken): Promise<Rounds<Taken>> {
  const results: Record<string, unknown[]> = {};
  const names = Object.keys(sides);
  for (const name of names) results[name] = [];
  const random = randomNumbers();
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) shuffle(names, random);
    else names.reverse();
    for (const name of names) results[name]?.push(await sides[name]?.());
  }
  return results as Rounds<Taken>;
}

function shuffle(names: string[], random: () => number): void {
  for (let last = names.length - 1; last > 0; last--) {
    const [taken = ""] = names.splice(Math.floor(random() * (last + 1)), 1);
    names.push(taken);
  }
}

/** The spread of a figure that is made of the same round's results. */
export function spreadOverRounds(rounds: number, figure: (round: number) => number): Spread {
  return spreadOf(Array.from({ length: rounds }, (_, round) => figure(round)));
}
