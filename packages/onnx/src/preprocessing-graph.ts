import { type ColumnSpec, featureWidth, type PreprocessingSpec } from "@oddflow/preprocessing";
import type { GraphBuilder } from "./graph-builder.ts";

/** The largest finite float32. Only NaN and the infinities are not within plus and minus this. */
const LARGEST = 3.4028234663852886e38;

/** A number nearer to 0 than this has the sign 0: 1 + |x| is 1 and its logarithm 0 long before. */
const SMALLEST = 1e-30;

/**
 * Flows before standardisation, a feature a row, which is what a CPU goes through fastest: a constant a feature is one for
 * as many values as there are flows, and rows are put in order as a whole.
 */
export interface ExpandedFlows {
  /** `[n, batch]`: transformed numbers and codes that are numbers. Absent where there are none. */
  readonly numbers?: string;
  /** `[n, batch]`: 0 or 1 for every code of the one-hot columns. Absent where there are none. */
  readonly indicators?: string;
}

/**
 * Adds a spec's imputation, transforms, category expansion and standardisation to a graph.
 *
 * `flows` names a float32 value of shape `[batch, columns]`; the name of the features, `[batch, features]`, is
 * returned. It is `transformFlows` of `@oddflow/preprocessing` as ONNX nodes, step for step.
 */
export function addPreprocessing(graph: GraphBuilder, spec: PreprocessingSpec, flows: string): string {
  return addTranspose(graph, addStandardisation(graph, spec, addExpansion(graph, spec, flows)));
}

/** The first half of `addPreprocessing`: `[batch, columns]` to what is not yet standardised. */
export function addExpansion(
  graph: GraphBuilder,
  { columns }: PreprocessingSpec,
  flows: string,
): ExpandedFlows {
  const fill = columns.map((c) => (c.kind === "number" ? c.median : c.missingCode));
  const values = addTranspose(graph, flows);
  // A comparison with NaN is false. IsNaN would say the same, but WebGPU has none.
  const isPresent = graph.node("LessOrEqual", [graph.node("Abs", [values]), graph.scalar(LARGEST)]);
  const imputed = graph.node("Where", [isPresent, values, addConstants(graph, fill)]);
  const [logarithmic, plain] = numberColumns(columns);
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
    ...(codes.length > 0 ? { indicators: addIndicators(graph, imputed, columns.length, codes) } : {}),
  };
}

/**
 * The second half of `addPreprocessing`: the features, `[features, batch]`, in the spec's order. Specs that differ in
 * nothing but means and scales (`refitScales`) can share the first half.
 */
export function addStandardisation(
  graph: GraphBuilder,
  spec: PreprocessingSpec,
  { numbers, indicators }: ExpandedFlows,
): string {
  const { columns, featureLimit: limit } = spec;
  const clip = (values: string): string =>
    limit === undefined ? values : graph.node("Clip", [values, graph.scalar(-limit), graph.scalar(limit)]);
  const parts: string[] = [];
  if (numbers !== undefined) {
    const fitted = numberColumns(columns)
      .flat()
      .flatMap((k) => columns[k] ?? []);
    const means = addConstants(
      graph,
      fitted.map((c) => c.mean),
    );
    const inverseScales = addConstants(
      graph,
      fitted.map((c) => 1 / c.scale),
    );
    parts.push(clip(graph.node("Mul", [graph.node("Sub", [numbers, means]), inverseScales])));
  }
  if (indicators !== undefined) {
    parts.push(limit !== undefined && limit < 1 ? clip(indicators) : indicators);
  }
  const places = placesOfFeatures(spec);
  return addRows(graph, addJoined(graph, parts), places.length, places);
}

/** Adds what makes `[b, a]` of `[a, b]`. */
export function addTranspose(graph: GraphBuilder, values: string): string {
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
): string {
  const copies = addRows(
    graph,
    values,
    columns,
    codes.map(({ k }) => k),
  );
  const wanted = addConstants(
    graph,
    codes.map(({ code }) => code),
  );
  return graph.node("Cast", [graph.node("Equal", [copies, wanted])], { to: 1 });
}

/** Columns that become one number: those that are transformed, and those that are not. */
function numberColumns(columns: readonly ColumnSpec[]): [logarithmic: number[], plain: number[]] {
  const isLogarithmic = (c: ColumnSpec): boolean => c.kind === "number" && c.transform === "signed-log1p";
  const places = columns.flatMap((c, k) => (isOneHot(c) ? [] : [{ c, k }]));
  const [logarithmic, plain] = [true, false].map((yes) =>
    places.filter(({ c }) => isLogarithmic(c) === yes).map(({ k }) => k),
  );
  return [logarithmic ?? [], plain ?? []];
}

/** Where each feature of the spec's order is among the numbers, with the indicators after them. */
function placesOfFeatures({ columns }: PreprocessingSpec): number[] {
  const numbers = numberColumns(columns).flat();
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

function addJoined(graph: GraphBuilder, parts: readonly string[]): string {
  const [first = ""] = parts;
  return parts.length === 1 ? first : graph.node("Concat", parts, { axis: 0 });
}

/** A constant a row. */
function addConstants(graph: GraphBuilder, values: readonly number[]): string {
  return graph.floats(values, [values.length, 1]);
}

function isOneHot(column: ColumnSpec): boolean {
  return column.kind === "category" && column.encoding === "one-hot";
}
