import { OddflowError } from "./errors.ts";
import {
  type ColumnSpec,
  featureCount,
  featureWidth,
  type NumberTransform,
  type PreprocessingSpec,
} from "./spec.ts";

/**
 * Turns encoded flows into the network's features, in the float32 arithmetic of the model's own graph.
 *
 * `flows` is row-major `[rows, columns]`, NaN or an infinity is missing. Writes row-major `[rows, features]` into
 * `into` from its start (a new array where none is given) and returns it. Neither holds NaN or an infinity afterwards,
 * but for numbers whose distance from the mean float32 cannot hold.
 * @throws OddflowError FLOWS_SHAPE when `flows` is no whole number of rows or `into` is too short.
 */
export function transformFlows(
  spec: PreprocessingSpec,
  flows: Float32Array,
  into?: Float32Array,
): Float32Array {
  const width = spec.columns.length;
  const rows = flows.length / width;
  if (!Number.isInteger(rows)) {
    throw new OddflowError(
      "FLOWS_SHAPE",
      `transform flows: ${flows.length} values found, a multiple of ${width} columns expected`,
    );
  }
  const features = featureCount(spec);
  const output = into ?? new Float32Array(rows * features);
  if (output.length < rows * features) {
    throw new OddflowError(
      "FLOWS_SHAPE",
      `transform flows: the buffer holds ${output.length} values, ${rows} rows of ${features} features expected`,
    );
  }
  let first = 0;
  spec.columns.forEach((column, k) => {
    if (featureWidth(column) > 0) transformColumn(column, flows, k, width, output, first, features);
    first += featureWidth(column);
  });
  const limit = Math.fround(spec.featureLimit ?? Infinity);
  for (let i = 0; i < rows * features; i++) {
    output[i] = Math.min(limit, Math.max(-limit, output[i] as number));
  }
  return output;
}

/** One number through a column's transform, rounded to float32 after each step as the graph does. */
export function applyNumberTransform(value: number, transform: NumberTransform): number {
  if (transform === "identity") return value;
  return Math.fround(Math.sign(value) * Math.fround(Math.log(Math.fround(1 + Math.abs(value)))));
}

function transformColumn(
  column: ColumnSpec,
  flows: Float32Array,
  k: number,
  width: number,
  output: Float32Array,
  first: number,
  features: number,
): void {
  const fill = Math.fround(column.kind === "number" ? column.median : column.missingCode);
  const mean = Math.fround(column.mean);
  const inverseScale = Math.fround(1 / column.scale);
  const codes = featureWidth(column);
  for (let from = k, to = first; from < flows.length; from += width, to += features) {
    const raw = flows[from] as number;
    const value = Number.isFinite(raw) ? raw : fill;
    if (column.kind === "category" && column.encoding === "one-hot") {
      for (let code = 0; code < codes; code++) output[to + code] = value === code ? 1 : 0;
    } else {
      const transformed = column.kind === "number" ? applyNumberTransform(value, column.transform) : value;
      output[to] = Math.fround(transformed - mean) * inverseScale;
    }
  }
}
