import { featureToColumnMatrix } from "@oddflow/detector";
import type { GraphBuilder } from "@oddflow/onnx";
import { featureCount, featureWidth, type PreprocessingSpec } from "@oddflow/preprocessing";
import { mapRows } from "./row-graph.ts";
import { addLogOfWhitened, fitWhitening, type Whitening } from "./whitening.ts";

/** How a network's residuals (what it made of the features, less the features) become an error for each column. */
export type ErrorView =
  /** The mean over the column's features of their squared residuals. */
  | { readonly kind: "squared" }
  /**
   * ln(1 + z²) of the residuals without their correlation, summed over the column's features, over `typical`, the mean of it all on
   * usual flows. The logarithm keeps a column that is far off from deciding alone; without their correlation and in units of their own
   * spread, columns that are hard to learn count no more than others.
   */
  | { readonly kind: "whitened"; readonly whitening: Whitening; readonly typical: number };

/** Little shrinkage: residuals are less alike than features, and what they share is what the network cannot see. */
const SHRINKAGE = 0.03;

/** The whitened view from residuals on the flows a network was trained on, row-major `[rows, features]`. */
export async function whitenedView(spec: PreprocessingSpec, residuals: Float32Array): Promise<ErrorView> {
  const width = featureCount(spec);
  const all = Uint32Array.from({ length: residuals.length / width }, (_, row) => row);
  const whitening = fitWhitening(residuals, width, all, "per-feature", SHRINKAGE);
  const view = { kind: "whitened" as const, whitening, typical: 1 };
  return { ...view, typical: await typicalError(spec, view, residuals) };
}

/** Adds a view to a graph: residuals `[batch, features]` to the columns' errors `[batch, columns]`, times `weight`. */
export function addView(
  graph: GraphBuilder,
  spec: PreprocessingSpec,
  view: ErrorView,
  residuals: string,
  weight: number,
): string {
  const { columns } = spec;
  if (view.kind === "whitened") {
    // Columns count by their features here; the mean over columns is that over features.
    const scale = (weight * columns.length) / (featureCount(spec) * view.typical);
    const logarithms = addLogOfWhitened(graph, view.whitening, residuals);
    return addColumnSums(graph, spec, logarithms, new Array<number>(columns.length).fill(scale));
  }
  const squares = graph.node("Mul", [residuals, residuals]);
  const shares = columns.map((column) => weight / featureWidth(column));
  return addColumnSums(graph, spec, squares, shares);
}

/** The mean over rows and columns of a view's errors; never 0. */
async function typicalError(
  spec: PreprocessingSpec,
  view: ErrorView,
  residuals: Float32Array,
): Promise<number> {
  const columns = spec.columns.length;
  const errors = await mapRows(residuals, featureCount(spec), columns, (graph, rows) =>
    addView(graph, spec, view, rows, 1),
  );
  return Math.max(errors.reduce((sum, error) => sum + error, 0) / errors.length, 1e-12);
}

/** Adds factor * the sum over a column's features: `[batch, features]` to `[batch, columns]`. */
function addColumnSums(
  graph: GraphBuilder,
  spec: PreprocessingSpec,
  values: string,
  factors: readonly number[],
): string {
  const columns = spec.columns.length;
  const features = featureCount(spec);
  if (features === columns) return graph.node("Mul", [values, graph.floats(factors)]);
  const matrix = featureToColumnMatrix(spec).map((one, i) => one * (factors[i % columns] as number));
  return graph.node("Gemm", [values, graph.floats(matrix, [features, columns])]);
}
