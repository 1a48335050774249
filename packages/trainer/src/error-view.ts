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
   * ln(1 + E / usual), E the sum of the column's squared residuals; `usual`, above 0 and one a column, is E on usual
   * flows. Over `typical`, the mean of it all on usual flows.
   */
  | { readonly kind: "relative"; readonly usual: readonly number[]; readonly typical: number }
  /** ln(1 + z²) of the residuals without their correlation, summed over the column's features, on the same scale. */
  | { readonly kind: "whitened"; readonly whitening: Whitening; readonly typical: number };

/** A column whose usual error is nearly 0 would drown all others; none counts as smaller than this share of the mean. */
const SMALLEST_USUAL_ERROR = 0.1;

/** Little shrinkage: residuals are less alike than features, and what they share is what the network cannot see. */
const SHRINKAGE = 0.03;

/**
 * The relative view from residuals on the flows a network was trained on, row-major `[rows, features]`. The logarithm
 * keeps a column that is far off from deciding alone; dividing by the usual error makes columns that are hard to learn
 * count no more than others.
 */
export async function relativeView(spec: PreprocessingSpec, residuals: Float32Array): Promise<ErrorView> {
  const columns = spec.columns.length;
  const width = featureCount(spec);
  const ones = new Array<number>(columns).fill(1);
  const errors = await mapRows(residuals, width, columns, (graph, rows) =>
    addColumnSums(graph, spec, graph.node("Mul", [rows, rows]), ones, 0),
  );
  const means = new Float64Array(columns);
  errors.forEach((error, i) => {
    means[i % columns] = (means[i % columns] as number) + (error * columns) / errors.length;
  });
  const mean = means.reduce((sum, error) => sum + error, 0) / columns;
  const smallest = Math.max(SMALLEST_USUAL_ERROR * mean, 1e-12);
  const usual = [...means].map((error) => Math.max(error, smallest));
  const view = { kind: "relative" as const, usual, typical: 1 };
  return { ...view, typical: await typicalError(spec, view, residuals) };
}

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
    return addColumnSums(graph, spec, logarithms, new Array<number>(columns.length).fill(scale), 0);
  }
  const squares = graph.node("Mul", [residuals, residuals]);
  if (view.kind === "squared") {
    const shares = columns.map((column) => weight / featureWidth(column));
    return addColumnSums(graph, spec, squares, shares, 0);
  }
  const inverse = view.usual.map((usual) => 1 / usual);
  const logarithm = graph.node("Log", [addColumnSums(graph, spec, squares, inverse, 1)]);
  return graph.node("Mul", [logarithm, graph.scalar(weight / view.typical)]);
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

/** Adds start + factor * the sum over a column's features: `[batch, features]` to `[batch, columns]`. */
function addColumnSums(
  graph: GraphBuilder,
  spec: PreprocessingSpec,
  values: string,
  factors: readonly number[],
  start: number,
): string {
  const columns = spec.columns.length;
  const features = featureCount(spec);
  if (features === columns) {
    const scaled = graph.node("Mul", [values, graph.floats(factors)]);
    return start === 0 ? scaled : graph.node("Add", [scaled, graph.scalar(start)]);
  }
  const matrix = featureToColumnMatrix(spec).map((one, i) => one * (factors[i % columns] as number));
  const inputs = [values, graph.floats(matrix, [features, columns])];
  if (start !== 0) inputs.push(graph.floats([start]));
  return graph.node("Gemm", inputs);
}
