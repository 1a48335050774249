import { type ColumnSpec, featureWidth, type PreprocessingSpec } from "@oddflow/preprocessing";
import type { GraphBuilder } from "./graph-builder.ts";

/**
 * Adds a spec's imputation, transforms, category expansion and standardisation to a graph.
 *
 * `flows` names a float32 value of shape `[batch, columns]`; the name of the features, `[batch, features]`, is
 * returned. It is `transformFlows` of `@oddflow/preprocessing` as ONNX nodes, step for step.
 */
export function addPreprocessing(graph: GraphBuilder, spec: PreprocessingSpec, flows: string): string {
  return addStandardisation(graph, spec, addExpansion(graph, spec, flows));
}

/** The first half of `addPreprocessing`: flows to `[batch, features]`, not yet standardised. */
export function addExpansion(graph: GraphBuilder, { columns }: PreprocessingSpec, flows: string): string {
  const fill = graph.floats(columns.map((c) => (c.kind === "number" ? c.median : c.missingCode)));
  // x - x is 0 for a finite x and NaN for an infinity or NaN, so one test finds all that is missing.
  const isMissing = graph.node("IsNaN", [graph.node("Sub", [flows, flows])]);
  const imputed = graph.node("Where", [isMissing, fill, flows]);
  const transformed = addNumberTransforms(graph, columns, imputed);
  return addCategoryExpansion(graph, columns, transformed);
}

/**
 * The second half of `addPreprocessing`. Specs that differ in nothing but means and scales (`refitScales`) can share the
 * first half.
 */
export function addStandardisation(graph: GraphBuilder, spec: PreprocessingSpec, expanded: string): string {
  const { columns, featureLimit } = spec;
  const perFeature = (value: (column: ColumnSpec) => number): string =>
    graph.floats(columns.flatMap((column) => new Array<number>(featureWidth(column)).fill(value(column))));
  const centred = graph.node("Sub", [expanded, perFeature((c) => (isOneHot(c) ? 0 : c.mean))]);
  const scaled = graph.node("Mul", [centred, perFeature((c) => (isOneHot(c) ? 1 : 1 / c.scale))]);
  if (featureLimit === undefined) return scaled;
  return graph.node("Clip", [scaled, graph.scalar(-featureLimit), graph.scalar(featureLimit)]);
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

function addNumberTransforms(graph: GraphBuilder, columns: readonly ColumnSpec[], values: string): string {
  const isLogarithmic = columns.map((c) => c.kind === "number" && c.transform === "signed-log1p");
  if (!isLogarithmic.includes(true)) return values;
  const magnitude = graph.node("Log", [graph.node("Add", [graph.scalar(1), graph.node("Abs", [values])])]);
  const logarithm = graph.node("Mul", [graph.node("Sign", [values]), magnitude]);
  if (!isLogarithmic.includes(false)) return logarithm;
  const mask = graph.node("Greater", [
    graph.floats(isLogarithmic.map((yes) => (yes ? 1 : 0))),
    graph.scalar(0),
  ]);
  return graph.node("Where", [mask, logarithm, values]);
}

/** Every one-hot category becomes copies of its code, each held against one code; other columns stay as they are. */
function addCategoryExpansion(graph: GraphBuilder, columns: readonly ColumnSpec[], values: string): string {
  if (!columns.some(isOneHot)) return values;
  const source: number[] = [];
  const code: number[] = [];
  columns.forEach((column, k) => {
    for (let i = 0; i < featureWidth(column); i++) {
      source.push(k);
      code.push(isOneHot(column) ? i : -1);
    }
  });
  const copies = graph.node("Gather", [values, graph.integers(source)], { axis: 1 });
  const codes = graph.floats(code);
  const isCode = graph.node("Cast", [graph.node("Equal", [copies, codes])], { to: 1 });
  const expands = graph.node("Greater", [codes, graph.scalar(-0.5)]);
  return graph.node("Where", [expands, isCode, copies]);
}

function isOneHot(column: ColumnSpec): boolean {
  return column.kind === "category" && column.encoding === "one-hot";
}
