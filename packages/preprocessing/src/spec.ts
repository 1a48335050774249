import type { CategoryCoding, NumberCoding } from "./columns.ts";
import { contextColumns } from "./context/context-columns.ts";
import { type ContextSpec, parseContextSpec } from "./context/context-spec.ts";
import { OddflowError } from "./errors.ts";

/**
 * The version of a spec without context, of one with, and of one whose context has the hour of the week: releases that know of none
 * must not read that as another.
 */
export const SPEC_VERSION = 1;
const CONTEXT_SPEC_VERSION = 2;
const CALENDAR_SPEC_VERSION = 3;

type SpecVersion = 1 | 2 | 3;

const VERSIONS: readonly SpecVersion[] = [SPEC_VERSION, CONTEXT_SPEC_VERSION, CALENDAR_SPEC_VERSION];

export function specVersion(context: ContextSpec | undefined): SpecVersion {
  if (context === undefined) return SPEC_VERSION;
  return context.calendar ? CALENDAR_SPEC_VERSION : CONTEXT_SPEC_VERSION;
}

/** What is done to a number before it is standardised. "signed-log1p" is sign(x) * ln(1 + |x|). */
export type NumberTransform = "identity" | "signed-log1p";

/** All of them. */
export const NUMBER_TRANSFORMS: readonly NumberTransform[] = ["identity", "signed-log1p"];

/** "label" feeds the code itself to the network, as one standardised number; "one-hot" one 0/1 feature a code. */
export type CategoryEncoding = "label" | "one-hot";

/** All of them. */
export const CATEGORY_ENCODINGS: readonly CategoryEncoding[] = ["label", "one-hot"];

/** A fitted number column. feature = (transform(finite(x) ? x : median) - mean) / scale. */
export interface NumberColumn extends NumberCoding {
  /** Stands in for a missing (NaN) or infinite value. */
  readonly median: number;
  readonly transform: NumberTransform;
  /** Of the transformed values of the fitted rows. */
  readonly mean: number;
  /** Population standard deviation of the transformed values; 1 for a constant column. Never 0. */
  readonly scale: number;
  /** Of the context's hour of the week: it becomes no feature, and the score is held against what is usual at that hour. */
  readonly isHour?: true;
}

/**
 * A fitted category column. Encoded "label", feature = (code - mean) / scale. Encoded "one-hot", it becomes
 * `vocabulary.length + 1` features of 0 or 1, the last of them for unseen values, and one more for missing values where
 * `missingCode` says so.
 */
export interface CategoryColumn extends CategoryCoding {
  /**
   * Stands in for a missing (NaN) or infinite code: the most frequent code of the fitted rows, or, encoded "one-hot",
   * `vocabulary.length + 1`, a code of its own, where missing values are common enough to be a value.
   */
  readonly missingCode: number;
  readonly encoding: CategoryEncoding;
  /** Of the codes of the fitted rows; used by "label" only. */
  readonly mean: number;
  /** Population standard deviation of the codes; 1 for a constant column. Never 0. Used by "label" only. */
  readonly scale: number;
}

/** A fitted column: how its values become features. */
export type ColumnSpec = NumberColumn | CategoryColumn;

/** All that turns raw flows into the network's features: plain JSON, stored in the model file. */
export interface PreprocessingSpec {
  readonly version: SpecVersion;
  /** In the order of the columns of the model's `flows` input. The last are those of the context, where there is one. */
  readonly columns: readonly ColumnSpec[];
  /** What flows are counted from to see each in its context; absent where each is looked at alone. */
  readonly context?: ContextSpec;
  /** Features are held within plus and minus this, so that no value can outweigh all others; absent for no limit. */
  readonly featureLimit?: number;
}

/** The columns that a flow has by itself: all but those of the context. */
export function ownColumns({ columns, context }: PreprocessingSpec): readonly ColumnSpec[] {
  return context === undefined ? columns : columns.slice(0, columns.length - contextColumns(context).length);
}

/** The place of the hour of the week among the columns; undefined where there is none. */
export function hourColumn({ columns }: PreprocessingSpec): number | undefined {
  const place = columns.findIndex((column) => column.kind === "number" && column.isHour);
  return place < 0 ? undefined : place;
}

/** How many features a column becomes. */
export function featureWidth(column: ColumnSpec): number {
  if (column.kind === "number" && column.isHour) return 0;
  if (column.kind !== "category" || column.encoding !== "one-hot") return 1;
  return Math.max(column.vocabulary.length, column.missingCode) + 1;
}

/** How many features a flow becomes: the width of the network's input and output. */
export function featureCount(spec: PreprocessingSpec): number {
  return spec.columns.reduce((sum, column) => sum + featureWidth(column), 0);
}

/**
 * Reads a spec from JSON text.
 * @throws OddflowError SPEC_INVALID when it is no spec, SPEC_VERSION when another version wrote it.
 */
export function parsePreprocessingSpec(json: string): PreprocessingSpec {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new OddflowError("SPEC_INVALID", "read preprocessing spec: the text is not JSON", { cause });
  }
  if (!isObject(value)) {
    throw new OddflowError("SPEC_INVALID", "read preprocessing spec: expected an object");
  }
  const version = VERSIONS.find((known) => known === value["version"]);
  if (version === undefined) {
    throw new OddflowError(
      "SPEC_VERSION",
      `read preprocessing spec: version ${JSON.stringify(value["version"])} found, ${SPEC_VERSION} to ${CALENDAR_SPEC_VERSION} expected; ` +
        "use the Oddflow release that wrote it, or train again",
    );
  }
  const columns = value["columns"];
  if (!Array.isArray(columns) || columns.length === 0) {
    throw new OddflowError("SPEC_INVALID", "read preprocessing spec: expected a non-empty list of columns");
  }
  const limit = value["featureLimit"];
  if (limit !== undefined && !(typeof limit === "number" && limit > 0)) {
    throw new OddflowError("SPEC_INVALID", "read preprocessing spec: featureLimit must be a number above 0");
  }
  const context = version === SPEC_VERSION ? undefined : parseContextSpec(value["context"]);
  if (specVersion(context) !== version) {
    const calendar = version === CALENDAR_SPEC_VERSION ? "true" : "absent";
    throw new OddflowError(
      "SPEC_INVALID",
      `read preprocessing spec: context.calendar must be ${calendar} in version ${version}`,
    );
  }
  const spec: PreprocessingSpec = {
    version,
    columns: columns.map(parseColumn),
    ...(context === undefined ? {} : { context }),
    ...(limit === undefined ? {} : { featureLimit: limit }),
  };
  checkContextColumns(spec);
  return spec;
}

function checkContextColumns(spec: PreprocessingSpec): void {
  const counted = spec.context === undefined ? [] : contextColumns(spec.context);
  const own = spec.columns.length - counted.length;
  const hour = hourColumn(spec);
  if (hour !== undefined && counted[hour - own]?.measure !== "hour") {
    throw new OddflowError(
      "SPEC_INVALID",
      `read preprocessing spec: column ${hour} is no hour of the week, which isHour says that it is`,
    );
  }
  for (const [index, { name, measure }] of counted.entries()) {
    const found = spec.columns[own + index];
    const isNumber = found?.kind === "number" && found.name === name;
    if (own > 0 && isNumber && (found.isHour === true) === (measure === "hour")) continue;
    throw new OddflowError(
      "SPEC_INVALID",
      `read preprocessing spec: column ${own + index} is ${JSON.stringify(found?.name)}, the context's number "${name}" is expected`,
    );
  }
}

function parseColumn(value: unknown, index: number): ColumnSpec {
  const column = isObject(value) ? value : {};
  const name = column["name"];
  if (typeof name !== "string") {
    throw new OddflowError("SPEC_INVALID", `read preprocessing spec: column ${index} has no name`);
  }
  const finite = (key: string): number => {
    const number = column[key];
    if (typeof number !== "number" || !Number.isFinite(number)) throw invalid(name, key, "a finite number");
    return number;
  };
  const oneOf = <T extends string>(key: string, allowed: readonly T[]): T => {
    const found = allowed.find((item) => item === column[key]);
    if (found === undefined) throw invalid(name, key, allowed.join(" or "));
    return found;
  };
  const mean = finite("mean");
  const scale = finite("scale");
  if (!(scale > 0)) throw invalid(name, "scale", "a number above 0");
  if (oneOf("kind", ["number", "category"]) === "number") {
    const transform = oneOf("transform", NUMBER_TRANSFORMS);
    const isHour = column["isHour"] === true ? ({ isHour: true } as const) : {};
    return { kind: "number", name, median: finite("median"), transform, mean, scale, ...isHour };
  }
  const vocabulary = column["vocabulary"];
  if (!Array.isArray(vocabulary) || !vocabulary.every((item) => typeof item === "string")) {
    throw invalid(name, "vocabulary", "a list of texts");
  }
  if (new Set(vocabulary).size !== vocabulary.length) throw invalid(name, "vocabulary", "no value twice");
  const missingCode = finite("missingCode");
  const encoding = oneOf("encoding", CATEGORY_ENCODINGS);
  const largest = encoding === "label" ? vocabulary.length : vocabulary.length + 1;
  if (!Number.isInteger(missingCode) || missingCode < 0 || missingCode > largest) {
    throw invalid(name, "missingCode", `a whole number from 0 to ${largest}`);
  }
  return {
    kind: "category",
    name,
    valueType: oneOf("valueType", ["text", "number"]),
    vocabulary,
    missingCode,
    encoding,
    mean,
    scale,
  };
}

function invalid(column: string, key: string, expected: string): OddflowError {
  return new OddflowError(
    "SPEC_INVALID",
    `read preprocessing spec: column "${column}": ${key} must be ${expected}`,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
