import type { Scorer } from "@oddflow/inference/node";

/**
 * Flows for a model: numbers around each column's usual ones, some huge, some missing, and every category, unseen ones
 * among them. Row-major `[flows, columns]`, the same at every call.
 */
export function makeFlows(columns: Scorer["columns"], flows: number): Float32Array {
  const made = new Float32Array(flows * columns.length);
  let state = 1;
  for (let i = 0; i < made.length; i++) {
    // Numerical Recipes' linear congruential generator: its upper bits will do.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const share = state / 2 ** 32;
    const column = columns[i % columns.length];
    if (column === undefined) continue;
    if (column.kind === "category") made[i] = Math.floor(share * (column.vocabulary.length + 1));
    else if (share < 0.02) made[i] = Number.NaN;
    else made[i] = column.median * (0.5 + share) * (share > 0.98 ? 1e4 : 1) + share;
  }
  return made;
}

/** Features for training, row-major `[rows, features]`: a few waves, so that there is something to learn. */
export function makeFeatures(rows: number, features: number): Float32Array {
  return Float32Array.from({ length: rows * features }, (_, i) => {
    const [row, column] = [Math.floor(i / features), i % features];
    return Math.sin(row * 0.37 + column) + Math.cos(row * 1.7 * (1 + (column % 5)));
  });
}

/**
 * The greatest difference of two lists, relative where the wanted value is above 1, as the scores are held to the CPU's.
 * Infinity where one is no number or the lengths differ.
 */
export function worstDifference(wanted: ArrayLike<number>, found: ArrayLike<number>): number {
  if (wanted.length !== found.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < wanted.length; i++) {
    const value = wanted[i] ?? Number.NaN;
    const difference = Math.abs(value - (found[i] ?? Number.NaN)) / Math.max(1, Math.abs(value));
    worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
  }
  return worst;
}
