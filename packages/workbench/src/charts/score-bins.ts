import { binEdges, binShares, type ValueAxis } from "@oddflow/report/look";

const FEWEST_BINS = 20;
const MOST_BINS = 80;

/** How scores are spread over bins. */
export interface ScoreBins {
  /** One more than there are bins. */
  readonly edges: Float64Array;
  /** Of the rows that are shown, 0 to 1. */
  readonly shares: Float64Array;
  /** The same of those whose alarm no rule takes away; the shares are of all that are shown. */
  readonly left: Float64Array;
}

/**
 * Spreads the rows' scores. The number of bins is by the Rice rule, twice the cube root: few flows make no smooth picture.
 * @param suppressed 1 for each row whose alarm a rule takes away; none is where it is absent
 */
export function binScores(
  scores: Float32Array,
  rows: Uint32Array,
  axis: ValueAxis,
  suppressed?: Uint8Array | undefined,
): ScoreBins {
  const bins = Math.min(MOST_BINS, Math.max(FEWEST_BINS, Math.round(2 * Math.cbrt(rows.length))));
  const chosen = Float32Array.from(rows, (row) => scores[row] as number);
  const shares = binShares(chosen, axis, bins, () => true);
  return {
    edges: binEdges(axis, bins),
    shares,
    left: suppressed === undefined ? shares : leftShares(chosen, rows, suppressed, axis, bins),
  };
}

function leftShares(
  chosen: Float32Array,
  rows: Uint32Array,
  suppressed: Uint8Array,
  axis: ValueAxis,
  bins: number,
): Float64Array {
  const isLeft = (place: number): boolean => suppressed[rows[place] as number] !== 1;
  const left = rows.reduce((sum, _, place) => sum + Number(isLeft(place)), 0);
  return binShares(chosen, axis, bins, isLeft).map((share) => (share * left) / Math.max(1, rows.length));
}
