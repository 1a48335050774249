import { binEdges, binShares, type ValueAxis } from "@oddflow/report/look";

const FEWEST_BINS = 20;
const MOST_BINS = 80;

/** How scores are spread over bins. */
export interface ScoreBins {
  /** One more than there are bins. */
  readonly edges: Float64Array;
  /** Of the rows that are shown, 0 to 1. */
  readonly shares: Float64Array;
}

/** Spreads the rows' scores. The number of bins is by the Rice rule, twice the cube root: few flows make no smooth picture. */
export function binScores(scores: Float32Array, rows: Uint32Array, axis: ValueAxis): ScoreBins {
  const bins = Math.min(MOST_BINS, Math.max(FEWEST_BINS, Math.round(2 * Math.cbrt(rows.length))));
  const chosen = Float32Array.from(rows, (row) => scores[row] as number);
  return { edges: binEdges(axis, bins), shares: binShares(chosen, axis, bins, () => true) };
}
