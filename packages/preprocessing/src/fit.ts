import type { CategoryCoding, ColumnCoding } from "./columns.ts";
import { contextColumns } from "./context/context-columns.ts";
import type { ContextSpec } from "./context/context-spec.ts";
import { OddflowError } from "./errors.ts";
import { checkRange, type OptionRange } from "./option-range.ts";
import {
  type CategoryColumn,
  type CategoryEncoding,
  type ColumnSpec,
  type NumberColumn,
  type NumberTransform,
  type PreprocessingSpec,
  specVersion,
} from "./spec.ts";
import { applyNumberTransform } from "./transform.ts";

/** Encoded flows in memory, with the codings that say what each column is. */
export interface FlowMatrix {
  readonly columns: readonly ColumnCoding[];
  /** Row-major `[rows, columns]`; codes and numbers as the record encoder or a table scan gives them, missing is NaN. */
  readonly flows: Float32Array;
  /** Says that the last columns are the context's. */
  readonly context?: ContextSpec;
}

/** How columns become features. */
export interface FitOptions {
  readonly transform: NumberTransform;
  readonly encoding: CategoryEncoding;
  /** Becomes the spec's `featureLimit`. */
  readonly featureLimit?: number;
  /**
   * A category that fewer than this share of the fitted rows have, or a single one, is left out of its vocabulary and is
   * coded with the unseen ones; absent to keep every value. Missing values that are as rare are no value of their own.
   */
  readonly rareShare?: number;
}

const FEATURE_LIMIT: OptionRange = { above: 0 };
const RARE_SHARE: OptionRange = { from: 0, to: 1 };

/**
 * Fits medians, vocabularies, means and scales on the given rows of a matrix (all rows where none are given).
 *
 * Vocabularies are narrowed to the values that occur in those rows, so that a value seen only elsewhere is unseen:
 * flows must be recoded (`recodeFlows`) before the fitted spec is applied to them. Medians are exact, the mean of the
 * two middle values for an even count; deviations are population deviations. Infinite values count as missing.
 * A column without any value gets median 0, mean 0 and scale 1.
 * @throws OddflowError TOO_FEW_FLOWS when there is no row, OPTION_RANGE for a limit or a share that cannot be.
 */
export function fitPreprocessing(
  matrix: FlowMatrix,
  options: FitOptions,
  rows: Uint32Array = allRows(matrix),
): PreprocessingSpec {
  if (rows.length === 0) {
    throw new OddflowError("TOO_FEW_FLOWS", "fit preprocessing: no flows to fit on; at least 1 is needed");
  }
  const { featureLimit, rareShare } = options;
  if (featureLimit !== undefined)
    checkRange("fit preprocessing: the feature limit", featureLimit, FEATURE_LIMIT);
  if (rareShare !== undefined)
    checkRange("fit preprocessing: the share of a rare value", rareShare, RARE_SHARE);
  const width = matrix.columns.length;
  const values = new Float32Array(rows.length);
  const { context } = matrix;
  const lastMeasure = context === undefined ? undefined : contextColumns(context).at(-1)?.measure;
  return {
    version: specVersion(context),
    ...(context === undefined ? {} : { context }),
    columns: matrix.columns.map((column, k): ColumnSpec => {
      if (lastMeasure === "hour" && k === width - 1) return hourOf(column.name);
      for (let i = 0; i < rows.length; i++) {
        // rows holds row numbers of the matrix, so the element exists.
        values[i] = matrix.flows[(rows[i] as number) * width + k] as number;
      }
      return column.kind === "number"
        ? fitNumber(column.name, values, options.transform)
        : fitCategory(column, values, options);
    }),
    ...(options.featureLimit === undefined ? {} : { featureLimit: options.featureLimit }),
  };
}

/**
 * The same spec with means and scales fitted anew, on other encoded flows: vocabularies, and what stands in for missing
 * values, stay. `flows` is row-major `[rows, columns]`, coded by `spec`.
 * @throws OddflowError TOO_FEW_FLOWS when there is no row.
 */
export function refitScales(spec: PreprocessingSpec, flows: Float32Array): PreprocessingSpec {
  const width = spec.columns.length;
  const rows = flows.length / width;
  if (rows === 0)
    throw new OddflowError("TOO_FEW_FLOWS", "fit scales: no flows to fit on; at least 1 is needed");
  const values = new Float32Array(rows);
  const columns = spec.columns.map((column, k): ColumnSpec => {
    if (column.kind === "number" && column.isHour) return column;
    const missing = column.kind === "number" ? column.median : column.missingCode;
    for (let i = 0; i < rows; i++) {
      const value = flows[i * width + k] as number;
      const filled = Number.isFinite(value) ? value : missing;
      values[i] = column.kind === "number" ? applyNumberTransform(filled, column.transform) : filled;
    }
    return { ...column, ...meanAndScale(values) };
  });
  return { ...spec, columns };
}

/**
 * Rewrites category codes in place from one list of codings to another of the same columns, by value: a value that
 * `to` lacks becomes its unseen code. NaN stays NaN.
 */
export function recodeFlows(
  flows: Float32Array,
  from: readonly ColumnCoding[],
  to: readonly ColumnCoding[],
): void {
  const width = from.length;
  from.forEach((old, k) => {
    const now = to[k];
    if (old.kind !== "category" || now?.kind !== "category") return;
    const newCodes = new Map(now.vocabulary.map((value, code) => [value, code]));
    const unseen = now.vocabulary.length;
    const map = Float32Array.from([...old.vocabulary.map((value) => newCodes.get(value) ?? unseen), unseen]);
    if (map.every((code, index) => code === index)) return;
    for (let i = k; i < flows.length; i += width) {
      const code = flows[i] as number;
      if (!Number.isNaN(code)) flows[i] = map[code] ?? unseen;
    }
  });
}

function hourOf(name: string): NumberColumn {
  return { kind: "number", name, median: 0, transform: "identity", mean: 0, scale: 1, isHour: true };
}

function fitNumber(name: string, values: Float32Array, transform: NumberTransform): NumberColumn {
  const median = finiteMedian(values);
  const filled = values.map((value) =>
    applyNumberTransform(Number.isFinite(value) ? value : median, transform),
  );
  return { kind: "number", name, median, transform, ...meanAndScale(filled) };
}

function fitCategory(
  column: CategoryCoding,
  values: Float32Array,
  { encoding, rareShare }: FitOptions,
): CategoryColumn {
  const counts = new Uint32Array(column.vocabulary.length + 1);
  let missing = 0;
  for (const code of values) {
    if (Number.isFinite(code)) counts[code] = (counts[code] ?? 0) + 1;
    else missing++;
  }
  const fewest = rareShare === undefined ? 1 : Math.max(2, rareShare * values.length);
  const newCodes = new Map<number, number>();
  const vocabulary: string[] = [];
  let mostFrequentCode = 0;
  let mostFrequent = 0;
  column.vocabulary.forEach((value, code) => {
    const count = counts[code] ?? 0;
    if (count < fewest) return;
    if (count > mostFrequent) {
      mostFrequent = count;
      mostFrequentCode = vocabulary.length;
    }
    newCodes.set(code, vocabulary.length);
    vocabulary.push(value);
  });
  // Rare ones tell nothing of a flow, and a collector that stops filling a column must not make every flow odd.
  const isValue = encoding === "one-hot" && missing >= fewest;
  const missingCode = isValue ? vocabulary.length + 1 : mostFrequentCode;
  const codes = values.map((code) =>
    Number.isFinite(code) ? (newCodes.get(code) ?? vocabulary.length) : missingCode,
  );
  return { ...column, vocabulary, missingCode, encoding, ...meanAndScale(codes) };
}

function finiteMedian(values: Float32Array): number {
  const sorted = values.filter((value) => Number.isFinite(value)).sort();
  if (sorted.length === 0) return 0;
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
  // JSON knows no negative zero.
  return median + 0;
}

/** In two passes, so that a large mean does not eat the digits of a small deviation. */
function meanAndScale(values: Float32Array): { mean: number; scale: number } {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) * (value - mean);
  const deviation = Math.sqrt(squares / values.length);
  // A mean that is rounded leaves a constant column a deviation near zero, and a float32 cannot hold the inverse of one
  // that is smaller still.
  const constant = deviation <= Math.max(Math.abs(mean) * 1e-7, 1e-30);
  return { mean, scale: constant ? 1 : deviation };
}

function allRows(matrix: FlowMatrix): Uint32Array {
  const rows = matrix.columns.length === 0 ? 0 : matrix.flows.length / matrix.columns.length;
  return Uint32Array.from({ length: rows }, (_, row) => row);
}
