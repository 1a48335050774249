import { covarianceDistances } from "./covariance-distance.ts";
import { isolatedCandidates } from "./isolated-rows.ts";
import { fitIsolationForest, isolationScores } from "./isolation-forest.ts";
import { oddest } from "./oddest-rows.ts";

/** What says which training flows are odd, so that a network can be trained without them. */
export type CoreRule = "isolation" | "covariance";

export const CORE_RULES: readonly CoreRule[] = ["isolation", "covariance"];

/** The share of the training flows that each rule takes for odd at first, when nobody says how many are. */
export const AUTOMATIC_SHARES: Readonly<Record<CoreRule, number>> = { isolation: 0.4, covariance: 0.12 };

/** The forest is grown a second time on this share of the rows, the least odd ones, so that attacks do not shape it. */
const FIRST_CORE = 0.6;

/**
 * Row numbers of the training flows without those that are odd and come in bulk, by one rule. No labels are used.
 *
 * `features` is row-major `[rows, width]`; `columns` is how many columns they came from; `share` is the share of the
 * rows that is odd at first, before those without company are taken back.
 */
export async function coreRows(
  features: Float32Array,
  width: number,
  columns: number,
  { rule, share, seed }: { readonly rule: CoreRule; readonly share: number; readonly seed: number },
): Promise<Uint32Array> {
  const scores =
    rule === "isolation"
      ? twiceIsolated(features, width, seed)
      : await covarianceDistances(features, width, seed);
  const isOdd = oddest(scores, share);
  const rows = Uint32Array.from(scores, (_, row) => row);
  const candidates = rows.filter((row) => isOdd[row] === 1);
  // One unit a column: in standardised features, about the distance between two usual flows.
  const reach = Math.sqrt(columns);
  const isolated = await isolatedCandidates(features, width, candidates, reach, seed);
  candidates.forEach((row, i) => {
    if (isolated[i] === 1) isOdd[row] = 0;
  });
  return rows.filter((row) => isOdd[row] === 0);
}

function twiceIsolated(features: Float32Array, width: number, seed: number): Float32Array {
  const all = Uint32Array.from({ length: features.length / width }, (_, row) => row);
  const first = isolationScores(fitIsolationForest(features, width, all, seed), features);
  const isOdd = oddest(first, 1 - FIRST_CORE);
  const core = all.filter((row) => isOdd[row] === 0);
  return isolationScores(fitIsolationForest(features, width, core, seed), features);
}
