import type { GraphBuilder } from "@oddflow/onnx";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";

/** z = (x - mean) * matrix has (nearly) no correlation and (nearly) unit variance on the rows it was fitted on. */
export interface Whitening {
  /** One a feature. */
  readonly mean: Float64Array;
  /** Row-major `[features, features]`. */
  readonly matrix: Float64Array;
}

/**
 * "principal" gives one value a principal component; "per-feature" (ZCA) turns those back, so that each value stays as
 * near to one feature as it can and may be told of it (Kessy, Lewin and Strimmer 2018, Optimal whitening and
 * decorrelation).
 */
export type WhiteningKind = "principal" | "per-feature";

/**
 * Fits a whitening on rows of values, row-major `[rows, width]`, at least one; `chosen` are the rows that count.
 *
 * `shrinkage` times the mean variance is added to every feature's variance, so that a feature that never varies, or is
 * a sum of others, cannot weigh without bound (Ledoit and Wolf 2004 shrink towards the same target).
 */
export function fitWhitening(
  values: Float32Array,
  width: number,
  chosen: Uint32Array,
  kind: WhiteningKind,
  shrinkage: number,
): Whitening {
  const { mean, covariance } = meanAndCovariance(values, width, chosen);
  let trace = 0;
  for (let i = 0; i < width; i++) trace += covariance.get(i, i);
  // A table of constants has no variance at all; any positive number keeps its inverse finite.
  const ridge = (shrinkage * trace) / width + 1e-9;
  for (let i = 0; i < width; i++) covariance.set(i, i, covariance.get(i, i) + ridge);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, {
    assumeSymmetric: true,
  });
  // Rounding can leave an eigenvalue that ought to be the ridge slightly below it.
  const scales = realEigenvalues.map((value) => 1 / Math.sqrt(Math.max(value, ridge)));
  const principal = eigenvectorMatrix.clone().mulRowVector(scales);
  const matrix = kind === "principal" ? principal : principal.mmul(eigenvectorMatrix.transpose());
  return { mean, matrix: Float64Array.from(matrix.to1DArray()) };
}

/** Adds 1 + z² of every whitened value to a graph: `[batch, features]` to `[batch, features]`. */
export function addWhitenedOdds(graph: GraphBuilder, { mean, matrix }: Whitening, values: string): string {
  const width = mean.length;
  const shift = new Float64Array(width);
  for (let i = 0; i < width; i++) {
    for (let k = 0; k < width; k++) {
      shift[k] = (shift[k] as number) - (mean[i] as number) * (matrix[i * width + k] as number);
    }
  }
  const whitened = graph.node("Gemm", [values, graph.floats(matrix, [width, width]), graph.floats(shift)]);
  const squares = graph.node("Mul", [whitened, whitened]);
  return graph.node("Add", [squares, graph.scalar(1)]);
}

function meanAndCovariance(
  values: Float32Array,
  width: number,
  chosen: Uint32Array,
): { mean: Float64Array; covariance: Matrix } {
  const mean = new Float64Array(width);
  for (const row of chosen) {
    for (let i = 0; i < width; i++) mean[i] = (mean[i] as number) + (values[row * width + i] as number);
  }
  for (let i = 0; i < width; i++) mean[i] = (mean[i] as number) / chosen.length;
  const sums = new Float64Array(width * width);
  // Four rows at once, so that a sum is read and written a quarter as often.
  const centred = new Float64Array(4 * width);
  const [first, second, third, fourth] = [0, 1, 2, 3].map((row) =>
    centred.subarray(row * width, (row + 1) * width),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array];
  for (let done = 0; done < chosen.length; done += 4) {
    for (let row = 0; row < 4; row++) {
      const place = (chosen[done + row] ?? Number.NaN) * width;
      for (let i = 0; i < width; i++) {
        // Rows that are no longer there add nothing.
        centred[row * width + i] =
          done + row < chosen.length ? (values[place + i] as number) - (mean[i] as number) : 0;
      }
    }
    for (let i = 0; i < width; i++) {
      const [p, q, r, s] = [first[i] as number, second[i] as number, third[i] as number, fourth[i] as number];
      const place = i * width;
      for (let k = 0; k <= i; k++) {
        sums[place + k] =
          (sums[place + k] as number) +
          (p * (first[k] as number) +
            q * (second[k] as number) +
            (r * (third[k] as number) + s * (fourth[k] as number)));
      }
    }
  }
  const covariance = new Matrix(width, width);
  for (let i = 0; i < width; i++) {
    for (let k = 0; k <= i; k++) {
      const value = (sums[i * width + k] as number) / chosen.length;
      covariance.set(i, k, value);
      covariance.set(k, i, value);
    }
  }
  return { mean, covariance };
}
