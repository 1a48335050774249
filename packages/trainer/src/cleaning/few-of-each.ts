import type { Endpoints } from "@oddflow/preprocessing";
import { type RandomStream, randomStream, shuffle } from "../random.ts";
import { gatherRows } from "../rows.ts";
import { groupCodes } from "./host-groups.ts";

/** Rows that stand for a kind, of all training rows and within these: too few for a network to learn them as usual. */
const SHARE_OF_A_KIND = 0.001;
const OF_A_KIND = { fewest: 3, most: 25 };

/** One source, and one destination, has the rows of so many kinds. */
const KINDS_OF_A_HOST = 3;

/** Rows that kinds are looked for among; kinds that are told apart. */
const MOST_ROWS = 5000;
const MOST_KINDS = 500;

/**
 * A few rows of every kind among those that were left out, so that a rare kind of usual traffic is known to a network, and attacks
 * in bulk are too few to be learned. Rows are of one kind that lie within one unit a column of each other, about the distance of
 * two usual flows; where it is known who talked to whom, one pair of hosts, one source and one destination have a few rows alike.
 *
 * @param features row-major `[rows, width]`, standardised
 * @param columns that the features came from
 * @param left row numbers, of which some are drawn where there are many
 * @returns row numbers, rising
 */
export function fewOfEachKind(
  features: Float32Array,
  width: number,
  columns: number,
  left: Uint32Array,
  { endpoints, seed }: { readonly endpoints?: Endpoints | undefined; readonly seed: number },
): Uint32Array {
  const random = randomStream(seed, "few of each kind");
  const rows = shuffle(left.slice(), random).subarray(0, MOST_ROWS);
  const kinds = kindsOf(gatherRows(features, width, rows), width, Math.sqrt(columns), random);
  const share = Math.round((SHARE_OF_A_KIND * features.length) / width);
  const ofAKind = Math.min(OF_A_KIND.most, Math.max(OF_A_KIND.fewest, share));
  let chosen = keepFew(rows, kinds, ofAKind);
  if (endpoints !== undefined) {
    const { source, destination } = endpoints;
    const codes = (...lists: readonly Uint32Array[]): Uint32Array =>
      groupCodes(lists.map((list) => Uint32Array.from(chosen, (row) => list[row] as number)));
    chosen = keepFew(chosen, codes(source, destination), ofAKind);
    chosen = keepFew(chosen, codes(source), KINDS_OF_A_HOST * ofAKind);
    chosen = keepFew(chosen, codes(destination), KINDS_OF_A_HOST * ofAKind);
  }
  return chosen.sort();
}

/** The first `most` rows of each group. */
function keepFew(rows: Uint32Array, groups: Uint32Array, most: number): Uint32Array {
  const seen = new Map<number, number>();
  return rows.filter((_, i) => {
    const group = groups[i] as number;
    const before = seen.get(group) ?? 0;
    seen.set(group, before + 1);
    return before < most;
  });
}

/** Leader clustering: a row that no leader so far is near leads a kind of its own. One number a row. */
function kindsOf(values: Float32Array, width: number, reach: number, random: RandomStream): Uint32Array {
  const rows = values.length / width;
  const kinds = new Uint32Array(rows);
  let open = shuffle(
    Uint32Array.from({ length: rows }, (_, row) => row),
    random,
  );
  let kind = 0;
  while (open.length > 0 && kind < MOST_KINDS) {
    const leader = open[0] as number;
    open = open.filter((row) => {
      const isNear = squaredDistance(values, width, row, leader, reach * reach) <= reach * reach;
      if (isNear) kinds[row] = kind;
      return !isNear;
    });
    kind++;
  }
  // What is left differs from all of them, and stands for itself.
  for (const row of open) kinds[row] = kind++;
  return kinds;
}

/** Ends early beyond `enough`. */
function squaredDistance(values: Float32Array, width: number, a: number, b: number, enough: number): number {
  let sum = 0;
  for (let k = 0; k < width && sum <= enough; k++) {
    sum += ((values[a * width + k] as number) - (values[b * width + k] as number)) ** 2;
  }
  return sum;
}
