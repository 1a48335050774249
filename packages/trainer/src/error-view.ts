import { featureToColumnMatrix } from "@oddflow/detector";
import type { GraphBuilder } from "@oddflow/onnx";
import {
  type ColumnSpec,
  contextColumns,
  featureCount,
  featureWidth,
  type PreprocessingSpec,
} from "@oddflow/preprocessing";
import { mapRows } from "./row-graph.ts";
import { addWhitenedOdds, fitWhitening, type Whitening } from "./whitening.ts";

/** How a network's residuals (what it made of the features, less the features) become an error for each column. */
export type ErrorView =
  /** The mean over the column's features of their squared residuals. */
  | { readonly kind: "squared" }
  /**
   * ln(1 + z²) of the residuals without their correlation, the mean over the column's features; `typical` is its mean over all on
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

/** What a network's view is taken of. */
export interface SeenResiduals {
  readonly view: ErrorView;
  /** The name of a value `[batch, features]`. */
  readonly residuals: string;
}

/**
 * Adds the columns' errors to a graph, `[batch, columns]`, under a name where one is given: the mean of the networks' squared
 * errors, or the sum of what they show whitened over the sum of what is typical of them, 1 for a usual flow.
 * Networks have views of one kind.
 */
export function addColumnErrors(
  graph: GraphBuilder,
  spec: PreprocessingSpec,
  seen: readonly SeenResiduals[],
  name?: string,
): string {
  const whitened = seen.flatMap(({ view, residuals }) =>
    view.kind === "whitened" ? [{ ...view, residuals }] : [],
  );
  if (whitened.length === 0) {
    const squares = seen.map(({ residuals }) => graph.node("Mul", [residuals, residuals]));
    const share = (column: ColumnSpec): number => 1 / (seen.length * Math.max(1, featureWidth(column)));
    return addColumnSums(graph, spec, addFold(graph, "Add", squares), share, name);
  }
  const typical = whitened.reduce((sum, view) => sum + view.typical, 0);
  const odds = whitened.map(({ whitening, residuals }) => addWhitenedOdds(graph, whitening, residuals));
  // The sum of logarithms is the logarithm of the product, and one is cheaper than several. Without a limit it would overflow.
  const logarithms =
    spec.featureLimit === undefined
      ? addFold(
          graph,
          "Add",
          odds.map((one) => graph.node("Log", [one])),
        )
      : graph.node("Log", [addFold(graph, "Mul", odds)]);
  // Columns count by their features; the mean over columns is that over features.
  const scale = spec.columns.length / (featureCount(spec) * typical);
  const weights = columnWeights(spec);
  return addColumnSums(graph, spec, logarithms, ({ name }) => scale * (weights.get(name) ?? 1), name);
}

/**
 * What of the context is counted over several windows is one thing said several times: its columns share the weight of one. Others
 * are not named.
 */
function columnWeights({ context }: PreprocessingSpec): ReadonlyMap<string, number> {
  const counted = context === undefined ? [] : contextColumns(context);
  return new Map(
    counted.map(({ name, key, measure }) => {
      const alike = counted.filter((other) => other.key === key && other.measure === measure);
      return [name, 1 / alike.length];
    }),
  );
}

/** The mean over rows and columns of a view's errors; never 0. */
async function typicalError(
  spec: PreprocessingSpec,
  view: ErrorView,
  residuals: Float32Array,
): Promise<number> {
  const columns = spec.columns.length;
  const errors = await mapRows(residuals, featureCount(spec), columns, (graph, rows) =>
    addColumnErrors(graph, spec, [{ view, residuals: rows }]),
  );
  return Math.max(errors.reduce((sum, error) => sum + error, 0) / errors.length, 1e-12);
}

/** Adds factor * the sum over a column's features: `[batch, features]` to `[batch, columns]`. */
function addColumnSums(
  graph: GraphBuilder,
  spec: PreprocessingSpec,
  values: string,
  factorOf: (column: ColumnSpec) => number,
  name?: string,
): string {
  const factors = spec.columns.map(factorOf);
  const features = featureCount(spec);
  if (spec.columns.every((column) => featureWidth(column) === 1))
    return graph.node("Mul", [values, graph.floats(factors)], {}, name);
  const matrix = featureToColumnMatrix(spec).map((one, i) => one * (factors[i % factors.length] as number));
  return graph.node("Gemm", [values, graph.floats(matrix, [features, factors.length])], {}, name);
}

function addFold(graph: GraphBuilder, operator: "Add" | "Mul", values: readonly string[]): string {
  const [first = "", ...others] = values;
  return others.reduce((all, value) => graph.node(operator, [all, value]), first);
}
