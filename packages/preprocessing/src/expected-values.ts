import { OddflowError } from "./errors.ts";
import { type ColumnSpec, featureCount, featureWidth, type PreprocessingSpec } from "./spec.ts";

/**
 * The inverse of `transformFlows`: the flows that features stand for.
 *
 * `features` is row-major `[rows, features]`, standardised as the spec says, such as a network's reconstruction. Returns
 * row-major `[rows, columns]` in the encoding of flows: a number in its own unit, a category's code, which is the code
 * after the last where "some other value" is likeliest, and NaN where no value is, and for the hour of the week, which no feature stands for. Features beyond the spec's limit count as the limit. A one-hot
 * category is the code of its highest feature, a label-encoded one the nearest code. Numbers come as they are: whether
 * a column holds whole numbers only is not in the spec.
 * @throws OddflowError FLOWS_SHAPE when `features` is no whole number of rows.
 */
export function expectedValues(spec: PreprocessingSpec, features: Float32Array): Float64Array {
  const width = featureCount(spec);
  const rows = features.length / width;
  if (!Number.isInteger(rows)) {
    throw new OddflowError(
      "FLOWS_SHAPE",
      `expected values: ${features.length} values found, a multiple of ${width} features expected`,
    );
  }
  const columns = spec.columns.length;
  const limit = spec.featureLimit ?? Infinity;
  const values = new Float64Array(rows * columns);
  let first = 0;
  spec.columns.forEach((column, k) => {
    const end = first + featureWidth(column);
    for (let row = 0; row < rows; row++) {
      values[row * columns + k] = columnValue(
        column,
        features.subarray(row * width + first, row * width + end),
        limit,
      );
    }
    first = end;
  });
  return values;
}

function columnValue(column: ColumnSpec, features: Float32Array, limit: number): number {
  if (column.kind === "category" && column.encoding === "one-hot") {
    const code = features.indexOf(features.reduce((most, feature) => Math.max(most, feature), -Infinity));
    return code > column.vocabulary.length ? Number.NaN : code;
  }
  if (features.length === 0) return Number.NaN;
  const feature = Math.min(limit, Math.max(-limit, features[0] as number));
  const value = feature * column.scale + column.mean;
  if (column.kind === "category") {
    return Math.min(column.vocabulary.length, Math.max(0, Math.round(value)));
  }
  return column.transform === "identity" ? value : Math.sign(value) * Math.expm1(Math.abs(value));
}
