import type { GraphBuilder } from "@oddflow/onnx";
import { type ColumnSpec, featureWidth, type PreprocessingSpec } from "@oddflow/preprocessing";

/** The largest finite float32. Only NaN and the infinities are not within plus and minus this. */
const LARGEST = 3.4028234663852886e38;

/** A number nearer to 0 than this has the sign 0: 1 + |x| is 1 and its logarithm 0 long before. */
const SMALLEST = 1e-30;

/**
 * Adds a spec's imputation, transforms, category expansion and standardisation to a graph.
 *
 * `flows` names a float32 value of shape `[batch, columns]`; the name of the features, `[batch, features]`, is
 * returned. It is `transformFlows` of `@oddflow/preprocessing` as ONNX nodes, step for step.
 */
export function addPreprocessing(graph: GraphBuilder, spec: PreprocessingSpec, flows: string): string {
  const expanded = addExpansion(graph, spec, flows);
  if (expanded.numbers === undefined) return addRowAFlow(graph, spec, expanded);
  const fitted = numberColumns(spec.columns).flatMap((k) => spec.columns[k] ?? []);
  const numbers = addScaling(graph, spec, expanded.numbers, fitted, [fitted.length, 1]);
  return addRowAFlow(graph, spec, { ...expanded, numbers });
}

/**
 * Flows before standardisation, a feature a row, which is what a CPU goes through fastest: a constant a feature is one for
 * as many values as there are flows, and rows are put in order as a whole.
 */
interface ExpandedFlows {
  /** `[n, batch]`: transformed numbers and codes that are numbers. Absent where there are none. */
  readonly numbers?: string;
  /** `[n, batch]`: 0 or 1 for every code of the one-hot columns. Absent where there are none. */
  readonly indicators?: string;
}

type Scale = Pick<ColumnSpec, "mean" | "scale">;

function addExpansion(
  graph: GraphBuilder,
  { columns, featureLimit }: PreprocessingSpec,
  flows: string,
): ExpandedFlows {
  const fill = columns.map((c) => (c.kind === "number" ? c.median : c.missingCode));
  const values = addTranspose(graph, flows);
  // A comparison with NaN is false. IsNaN would say the same, but WebGPU has none.
  const isPresent = graph.node("LessOrEqual", [graph.node("Abs", [values]), graph.scalar(LARGEST)]);
  const imputed = graph.node("Where", [isPresent, values, graph.floats(fill, [fill.length, 1])]);
  const [logarithmic, plain] = numberColumnsByTransform(columns);
  const numbers = [
    ...(logarithmic.length > 0
      ? [addSignedLog(graph, addRows(graph, imputed, columns.length, logarithmic))]
      : []),
    ...(plain.length > 0 ? [addRows(graph, imputed, columns.length, plain)] : []),
  ];
  const codes = columns.flatMap((c, k) =>
    isOneHot(c) ? Array.from({ length: featureWidth(c) }, (_, code) => ({ k, code })) : [],
  );
  return {
    ...(numbers.length > 0 ? { numbers: addJoined(graph, numbers) } : {}),
    ...(codes.length > 0
      ? { indicators: addIndicators(graph, imputed, columns.length, codes, featureLimit) }
      : {}),
  };
}

/** Adds (values - mean) / scale, within the spec's limit; `shape` is that of the constants. */
function addScaling(
  graph: GraphBuilder,
  { featureLimit }: PreprocessingSpec,
  values: string,
  scales: readonly Scale[],
  shape: readonly number[],
): string {
  const means = graph.floats(
    scales.map(({ mean }) => mean),
    shape,
  );
  const inverse = graph.floats(
    scales.map(({ scale }) => 1 / scale),
    shape,
  );
  return addLimit(graph, graph.node("Mul", [graph.node("Sub", [values, means]), inverse]), featureLimit);
}

function addLimit(graph: GraphBuilder, values: string, limit: number | undefined): string {
  if (limit === undefined) return values;
  return graph.node("Clip", [values, graph.scalar(-limit), graph.scalar(limit)]);
}

/** All features in the spec's order, `[batch, features]`. */
function addRowAFlow(
  graph: GraphBuilder,
  spec: PreprocessingSpec,
  { numbers, indicators }: ExpandedFlows,
): string {
  const places = placesOfFeatures(spec);
  const blocks = [numbers, indicators].filter((block) => block !== undefined);
  return addTranspose(graph, addRows(graph, addJoined(graph, blocks), places.length, places));
}

function addTranspose(graph: GraphBuilder, values: string): string {
  return graph.node("Transpose", [values], { perm: [1, 0] });
}

/** Sums what belongs to a column's features: row-major `[features, columns]`, 1 where the feature is the column's. */
export function featureToColumnMatrix(spec: PreprocessingSpec): Float32Array {
  const widths = spec.columns.map(featureWidth);
  const columns = widths.length;
  const matrix = new Float32Array(widths.reduce((sum, width) => sum + width, 0) * columns);
  let feature = 0;
  widths.forEach((width, column) => {
    for (let i = 0; i < width; i++, feature++) matrix[feature * columns + column] = 1;
  });
  return matrix;
}

/** sign(x) ln(1 + |x|); the sign as x / |x|, since Sign is slow on the CPU and missing in WebGPU. */
function addSignedLog(graph: GraphBuilder, values: string): string {
  const magnitude = graph.node("Abs", [values]);
  const sign = graph.node("Div", [values, graph.node("Clip", [magnitude, graph.scalar(SMALLEST)])]);
  return graph.node("Mul", [sign, graph.node("Log", [graph.node("Add", [magnitude, graph.scalar(1)])])]);
}

/** Every one-hot category becomes copies of its code, each held against one code. */
function addIndicators(
  graph: GraphBuilder,
  values: string,
  columns: number,
  codes: readonly { readonly k: number; readonly code: number }[],
  limit = 1,
): string {
  const sources = codes.map(({ k }) => k);
  const wanted = graph.floats(
    codes.map(({ code }) => code),
    [codes.length, 1],
  );
  const isCode = graph.node("Equal", [addRows(graph, values, columns, sources), wanted]);
  const indicators = graph.node("Cast", [isCode], { to: 1 });
  return limit < 1 ? addLimit(graph, indicators, limit) : indicators;
}

/** Columns that become one number, in the order of `ExpandedFlows`. */
function numberColumns(columns: readonly ColumnSpec[]): number[] {
  return numberColumnsByTransform(columns).flat();
}

function numberColumnsByTransform(columns: readonly ColumnSpec[]): [logarithmic: number[], plain: number[]] {
  const isLogarithmic = (c: ColumnSpec): boolean => c.kind === "number" && c.transform === "signed-log1p";
  const places = columns.flatMap((c, k) => (isOneHot(c) || featureWidth(c) === 0 ? [] : [{ c, k }]));
  const those = (yes: boolean): number[] =>
    places.filter(({ c }) => isLogarithmic(c) === yes).map(({ k }) => k);
  return [those(true), those(false)];
}

/** Where each feature of the spec's order is among the numbers, with the indicators after them. */
function placesOfFeatures({ columns }: PreprocessingSpec): number[] {
  const numbers = numberColumns(columns);
  const placeOfNumber = new Map(numbers.map((k, place) => [k, place]));
  let indicator = numbers.length;
  return columns.flatMap((c, k) =>
    Array.from({ length: featureWidth(c) }, () => placeOfNumber.get(k) ?? indicator++),
  );
}

/** The given rows of `count`. */
function addRows(graph: GraphBuilder, values: string, count: number, rows: readonly number[]): string {
  if (rows.length === count && rows.every((row, i) => row === i)) return values;
  return graph.node("Gather", [values, graph.integers(rows)], { axis: 0 });
}

function addJoined(graph: GraphBuilder, blocks: readonly string[]): string {
  const [first = ""] = blocks;
  return blocks.length === 1 ? first : graph.node("Concat", blocks, { axis: 0 });
}

function isOneHot(column: ColumnSpec): boolean {
  return column.kind === "category" && column.encoding === "one-hot";
}
