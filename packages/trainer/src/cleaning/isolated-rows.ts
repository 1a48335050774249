import { randomStream } from "../random.ts";
import { mapRows } from "../row-graph.ts";
import { gatherRows } from "../rows.ts";
import { drawEvenly } from "./oddest-rows.ts";

/** A kind of traffic that fewer than this share of all rows show is no campaign that a network could learn from. */
const SMALLEST_GROUP = 0.005;
const FEWEST_NEIGHBOURS = 3;

/** Candidates that distances are taken to. */
const MOST_NEIGHBOURS = 2000;

/**
 * Marks with 1 the candidates that have no company: whose m-th nearest neighbour among the candidates lies further away
 * than `reach`, m being what would make a group of half a percent of all rows. Attacks that spoil a training come in
 * bulk and look alike; a rare usual flow is odd on its own.
 *
 * `candidates` are rows of row-major `[rows, width]` values. Distances are Euclidean. One mark a candidate.
 */
export async function isolatedCandidates(
  values: Float32Array,
  width: number,
  candidates: Uint32Array,
  reach: number,
  seed: number,
): Promise<Uint8Array> {
  if (candidates.length === 0) return new Uint8Array();
  const drawn = drawEvenly(candidates.length, MOST_NEIGHBOURS, randomStream(seed, "neighbours"));
  const neighbours = gatherRows(
    values,
    width,
    drawn.map((i) => candidates[i] as number),
  );
  const rows = values.length / width;
  const group = Math.floor((SMALLEST_GROUP * rows * drawn.length) / candidates.length);
  const nearest = Math.min(drawn.length, Math.max(FEWEST_NEIGHBOURS, group));
  const squares = await mapRows(gatherRows(values, width, candidates), width, 1, (graph, input) => {
    // |a - b|² less |a|², which is the same for all neighbours b.
    const product = graph.node("Gemm", [input, graph.floats(neighbours, [drawn.length, width])], {
      transB: 1,
    });
    const partial = graph.node("Sub", [
      graph.floats(squaredLengths(neighbours, width)),
      graph.node("Mul", [product, graph.scalar(2)]),
    ]);
    graph.nodes("TopK", [partial, graph.integers([nearest])], ["nearest", "places"], { largest: 0 });
    const furthest = graph.node("Slice", [
      "nearest",
      graph.integers([nearest - 1]),
      graph.integers([nearest]),
      graph.integers([1]),
    ]);
    const own = graph.node("ReduceSum", [graph.node("Mul", [input, input]), graph.integers([1])]);
    return graph.node("Add", [furthest, own]);
  });
  return Uint8Array.from(squares, (square) => (square > reach * reach ? 1 : 0));
}

function squaredLengths(values: Float32Array, width: number): Float32Array {
  return Float32Array.from({ length: values.length / width }, (_, row) => {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += (values[row * width + k] as number) ** 2;
    return sum;
  });
}
