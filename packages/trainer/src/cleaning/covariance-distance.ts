import { drawEvenly, randomStream } from "../random.ts";
import { mapRows } from "../row-graph.ts";
import { addWhitenedOdds, fitWhitening } from "../whitening.ts";
import { isAboveQuantile } from "./oddness.ts";

/** Shares of the rows, the least odd first, that each step fits anew on: half of them hold whatever the other half is. */
const STEPS: readonly number[] = [0.9, 0.8, 0.7, 0.6, 0.5, 0.5, 0.5, 0.5];

const SHRINKAGE = 0.3;

/** The covariance settles long before this many rows. */
const MOST_ROWS_TO_FIT = 50_000;

/**
 * How far each row lies from what half of the rows agree on, in their own covariance: higher is odder. Values are
 * row-major `[rows, width]`.
 *
 * The concentration steps are those of Rousseeuw and Van Driessen (1999), A fast algorithm for the minimum covariance
 * determinant estimator. Squared components enter by ln(1 + z²), so that no single one decides.
 */
export async function covarianceDistances(
  values: Float32Array,
  width: number,
  seed: number,
): Promise<Float32Array> {
  const rows = values.length / width;
  const sample = drawEvenly(rows, MOST_ROWS_TO_FIT, randomStream(seed, "covariance"));
  let core = sample;
  let distances: Float32Array = new Float32Array();
  for (const share of [...STEPS, undefined]) {
    const whitening = fitWhitening(values, width, core, "principal", SHRINKAGE);
    distances = await mapRows(values, width, 1, (graph, input) =>
      graph.node("ReduceMean", [graph.node("Log", [addWhitenedOdds(graph, whitening, input)])], {
        axes: [1],
      }),
    );
    if (share === undefined) break;
    const isOdd = isAboveQuantile(
      sample.length === rows ? distances : Float32Array.from(sample, (row) => distances[row] as number),
      1 - share,
    );
    core = sample.filter((_, i) => isOdd[i] === 0);
  }
  return distances;
}
