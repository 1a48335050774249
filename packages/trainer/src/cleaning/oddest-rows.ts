import { type RandomStream, shuffle } from "../random.ts";

/** Marks with 1 the rows that score above the quantile `1 - share` of all; ties at it stay 0. */
export function oddest(scores: Float32Array, share: number): Uint8Array {
  const sorted = scores.slice().sort();
  const position = (sorted.length - 1) * (1 - share);
  const low = sorted[Math.floor(position)] ?? 0;
  const high = sorted[Math.ceil(position)] ?? low;
  const limit = low + (high - low) * (position - Math.floor(position));
  return Uint8Array.from(scores, (score) => (score > limit ? 1 : 0));
}

/** At most `most` of the row numbers 0 to `rows - 1`, rising; all of them where there are no more. */
export function drawEvenly(rows: number, most: number, random: RandomStream): Uint32Array {
  const all = Uint32Array.from({ length: rows }, (_, row) => row);
  return rows <= most ? all : shuffle(all, random).slice(0, most).sort();
}
