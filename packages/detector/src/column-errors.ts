/** How each column's errors are spread on held-back flows: flows that the network was not trained on, all usual ones. */
export interface ColumnErrorDistribution {
  /** How many held-back flows it was taken from. */
  readonly flows: number;
  /** Rising, the last of them 1. */
  readonly probabilities: readonly number[];
  /** One list a column: `errors[column][i]` is the error that the share `1 - probabilities[i]` of the flows lies above. */
  readonly errors: readonly (readonly number[])[];
}

/** Finer towards the top, where a reason is looked for; the share above falls by about half from each to the next. */
const PROBABILITIES: readonly number[] = [
  0, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9998, 0.9999, 0.99995, 0.99998, 0.99999,
];

/** Digits of an error that is kept: the distribution is part of every model file. */
const DIGITS = 4;

/**
 * Sums up the column errors of held-back flows: row-major `[rows, columns]`, at least one row, all finite.
 * Steps that are finer than one flow are left out.
 */
export function summariseColumnErrors(errors: Float32Array, columns: number): ColumnErrorDistribution {
  const flows = errors.length / columns;
  const probabilities = [...PROBABILITIES.filter((probability) => 1 - probability >= 1 / flows), 1];
  const column = new Float32Array(flows);
  return {
    flows,
    probabilities,
    errors: Array.from({ length: columns }, (_, k) => {
      for (let row = 0; row < flows; row++) column[row] = errors[row * columns + k] as number;
      column.sort();
      return probabilities.map((probability) => {
        const place = Math.floor(probability * (flows - 1));
        return Number((column[place] as number).toPrecision(DIGITS));
      });
    }),
  };
}

/**
 * The share of usual flows, 0 to 1, whose error in a column is as large or larger; 0 beyond the largest that was held
 * back. Between two stored errors the logarithm of the share falls evenly.
 */
export function columnErrorRarity(
  distribution: ColumnErrorDistribution,
  column: number,
  error: number,
): number {
  const { flows, probabilities } = distribution;
  const errors = distribution.errors[column] ?? [];
  const shareAt = (i: number): number => Math.max(1 - (probabilities[i] ?? 1), 1 / flows);
  // The stored errors are rounded, so the error must be too, or the largest one would be beyond itself.
  const rounded = Number(error.toPrecision(DIGITS));
  const upper = errors.findIndex((stored) => stored >= rounded);
  if (upper < 0) return 0;
  if (upper === 0) return 1;
  const low = errors[upper - 1] as number;
  const high = errors[upper] as number;
  const way = (rounded - low) / (high - low);
  return shareAt(upper - 1) ** (1 - way) * shareAt(upper) ** way;
}
