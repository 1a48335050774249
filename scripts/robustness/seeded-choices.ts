import { createHash } from "node:crypto";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Random choices that are the same whenever they are made again. */
export interface Choices {
  /** A whole number from 0 to `limit - 1`; 0 where the limit is 0. */
  below(limit: number): number;
  /** One of them. @throws RangeError where there is none */
  of<T>(items: readonly T[]): T;
}

/** The choices of one run or input: of its seed, its kind and its number. */
export function choicesFor(seed: number, kind: string, number: number): Choices {
  const start = createHash("sha256").update(`${seed} ${kind} ${number}`).digest().readInt32LE(0);
  const stream = xoroshiro128plus(start);
  const below = (limit: number): number => (limit > 1 ? uniformInt(stream, 0, limit - 1) : 0);
  return {
    below,
    of<T>(items: readonly T[]): T {
      const place = below(items.length);
      if (place >= items.length) throw new RangeError("there is nothing to choose from");
      return items[place] as T;
    },
  };
}
