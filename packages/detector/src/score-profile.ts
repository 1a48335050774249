import { type FlowProfile, PROFILE_VERSION } from "./flow-profile.ts";
import type { ScoreDistribution } from "./thresholds.ts";

/**
 * A score distribution as a profile of one column, "score", in ten bins of like shares (fewer where flows score alike), so
 * that other flows' scores can be counted in its bins. Counts are shares of its flows and need not be whole.
 */
export function scoreProfile({ flows, probabilities, scores }: ScoreDistribution): FlowProfile {
  const cuts: number[] = [];
  const below: number[] = [];
  probabilities.forEach((probability, i) => {
    const wanted = (below[below.length - 1] ?? 0) + 0.1;
    const score = Math.fround(scores[i] ?? 0);
    const next = scores[i + 1];
    // Flows that score alike belong to one bin: the last probability of a score says how many score so or less.
    const isLast = next === undefined || Math.fround(next) > score;
    if (probability < wanted - 1e-9 || next === undefined || !isLast) return;
    cuts.push(score);
    below.push(probability);
  });
  const ends = [...below, 1];
  const counts = ends.map((end, i) => (end - (ends[i - 1] ?? 0)) * flows);
  return {
    version: PROFILE_VERSION,
    flows,
    columns: [{ name: "score", bins: "ranges", cuts, counts, missing: 0 }],
  };
}
