import {
  type FlowProfile,
  OddflowError,
  type PreprocessingSpec,
  parsePreprocessingSpec,
} from "@oddflow/preprocessing";
import type { ColumnErrorDistribution } from "./column-errors.ts";
import { parseFlowProfile } from "./parse-flow-profile.ts";
import type { ModelSummary } from "./read-model.ts";
import type { ScoreTail } from "./score-tail.ts";

/** The version of the model-file contract that this release writes and reads. */
export const FORMAT_VERSION = "1";

/** Names of the graph's input and outputs. */
export const FLOWS_INPUT = "flows";
export const SCORE_OUTPUT = "score";
export const COLUMN_ERROR_OUTPUT = "column_error";

/**
 * Name of a value inside the graph that is no output: the features that the detector expects of a flow, float32
 * `[batch, features]`, standardised as the spec says.
 */
export const RECONSTRUCTION_VALUE = "reconstruction";

/**
 * How the scores of held-back flows are spread: flows that the network was not trained on, by default all usual ones.
 * `scores[i]` is the score that the share `1 - probabilities[i]` of them lies above.
 */
export interface ScoreDistribution {
  /** How many held-back flows it was taken from. */
  readonly flows: number;
  /** Rising, from 0 to 1. */
  readonly probabilities: readonly number[];
  /** Rising with `probabilities`. */
  readonly scores: readonly number[];
  /** Absent where there were too few held-back flows to fit one. */
  readonly tail?: ScoreTail;
}

export interface Thresholds {
  readonly heldBack: ScoreDistribution;
  /** The score at the best Youden J of labelled flows of the validation part; absent without labels. */
  readonly youden?: number;
  /** How unusual a column's error is; absent in models that say nothing of it. */
  readonly columnErrors?: ColumnErrorDistribution;
}

/** How the model came about; for people, never read by the scorer. */
export type TrainingRecord = Readonly<Record<string, unknown>>;

export interface DetectorMetadata {
  readonly spec: PreprocessingSpec;
  readonly thresholds: Thresholds;
  readonly training: TrainingRecord;
  /** How the flows that it was fitted on are spread; absent in models of releases before it was kept. */
  readonly profile?: FlowProfile;
}

const KEYS = {
  format: "oddflow.format",
  spec: "oddflow.spec",
  thresholds: "oddflow.thresholds",
  training: "oddflow.training",
  profile: "oddflow.profile",
} as const;

/** The model file's `metadata_props`. */
export function encodeDetectorMetadata(metadata: DetectorMetadata): Map<string, string> {
  return new Map([
    [KEYS.format, FORMAT_VERSION],
    [KEYS.spec, JSON.stringify(metadata.spec)],
    [KEYS.thresholds, JSON.stringify(metadata.thresholds)],
    [KEYS.training, JSON.stringify(metadata.training)],
    ...(metadata.profile === undefined ? [] : [[KEYS.profile, JSON.stringify(metadata.profile)] as const]),
  ]);
}

/**
 * Reads the detector's part of a model file's metadata and checks the graph's signature against it.
 * @throws OddflowError MODEL_INVALID when it is no Oddflow detector, MODEL_FORMAT_VERSION when another version of the
 * contract wrote it, SPEC_VERSION or SPEC_INVALID when its spec cannot be used.
 */
export function parseDetectorMetadata(summary: ModelSummary): DetectorMetadata {
  const format = summary.metadata.get(KEYS.format);
  if (format === undefined) {
    throw new OddflowError(
      "MODEL_INVALID",
      `read model: an ONNX model without "${KEYS.format}" in its metadata; expected a detector written by \`oddflow train\``,
    );
  }
  if (format !== FORMAT_VERSION) {
    throw new OddflowError(
      "MODEL_FORMAT_VERSION",
      `read model: format version ${format} found, ${FORMAT_VERSION} expected; use the Oddflow release that wrote it, or train again`,
    );
  }
  const spec = parsePreprocessingSpec(required(summary, KEYS.spec));
  checkSignature(summary, spec);
  const profile = summary.metadata.get(KEYS.profile);
  return {
    spec,
    thresholds: parseThresholds(required(summary, KEYS.thresholds), spec.columns.length),
    training: parseObject(KEYS.training, required(summary, KEYS.training)),
    ...(profile === undefined ? {} : { profile: parseFlowProfile(KEYS.profile, profile, spec.columns) }),
  };
}

function checkSignature(summary: ModelSummary, spec: PreprocessingSpec): void {
  const flows = summary.inputs.find((input) => input.name === FLOWS_INPUT);
  const width = flows?.shape[1];
  if (width !== spec.columns.length) {
    throw new OddflowError(
      "MODEL_INVALID",
      `read model: its input "${FLOWS_INPUT}" has ${width ?? "no"} columns, its spec ${spec.columns.length}; the file is damaged`,
    );
  }
  for (const name of [SCORE_OUTPUT, COLUMN_ERROR_OUTPUT]) {
    if (!summary.outputs.some((output) => output.name === name)) {
      throw new OddflowError("MODEL_INVALID", `read model: it has no output "${name}"; the file is damaged`);
    }
  }
}

function parseThresholds(json: string, columns: number): Thresholds {
  const { heldBack, youden, columnErrors } = parseObject(KEYS.thresholds, json);
  const distribution = typeof heldBack === "object" && heldBack !== null ? heldBack : {};
  const flows = "flows" in distribution ? distribution.flows : undefined;
  const probabilities = "probabilities" in distribution ? distribution.probabilities : undefined;
  const scores = "scores" in distribution ? distribution.scores : undefined;
  if (
    typeof flows !== "number" ||
    !isRising(probabilities) ||
    !isRising(scores) ||
    scores.length !== probabilities.length ||
    (youden !== undefined && typeof youden !== "number")
  ) {
    throw new OddflowError("MODEL_INVALID", `read model: "${KEYS.thresholds}" is damaged`);
  }
  const tail = "tail" in distribution ? { tail: parseTail(distribution.tail) } : {};
  return {
    heldBack: { flows, probabilities, scores, ...tail },
    ...(youden === undefined ? {} : { youden }),
    ...(columnErrors === undefined ? {} : { columnErrors: parseColumnErrors(columnErrors, columns) }),
  };
}

function parseColumnErrors(value: unknown, columns: number): ColumnErrorDistribution {
  const found: Record<string, unknown> = typeof value === "object" && value !== null ? { ...value } : {};
  const { flows, probabilities, errors } = found;
  if (
    !(typeof flows === "number" && flows > 0) ||
    !isRising(probabilities) ||
    !Array.isArray(errors) ||
    errors.length !== columns ||
    !errors.every((own) => isRising(own) && own.length === probabilities.length)
  ) {
    throw new OddflowError(
      "MODEL_INVALID",
      `read model: the column errors in "${KEYS.thresholds}" are damaged`,
    );
  }
  return { flows, probabilities, errors };
}

function parseTail(value: unknown): ScoreTail {
  const tail: Record<string, unknown> = typeof value === "object" && value !== null ? { ...value } : {};
  const { threshold, share, shape, scale } = tail;
  const numbers = [threshold, share, shape, scale];
  if (!numbers.every((number) => Number.isFinite(number)) || !(Number(scale) > 0) || !(Number(share) > 0)) {
    throw new OddflowError("MODEL_INVALID", `read model: the tail in "${KEYS.thresholds}" is damaged`);
  }
  return { threshold: Number(threshold), share: Number(share), shape: Number(shape), scale: Number(scale) };
}

function isRising(values: unknown): values is number[] {
  return (
    Array.isArray(values) &&
    values.length > 0 &&
    values.every((value, i) => Number.isFinite(value) && (i === 0 || value >= values[i - 1]))
  );
}

function required(summary: ModelSummary, key: string): string {
  const value = summary.metadata.get(key);
  if (value === undefined) {
    throw new OddflowError(
      "MODEL_INVALID",
      `read model: it has no "${key}" in its metadata; the file is damaged`,
    );
  }
  return value;
}

function parseObject(key: string, json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null) return { ...value };
  } catch {
    // Said below: text that is no JSON and JSON that is no object are the same fault to the reader.
  }
  throw new OddflowError("MODEL_INVALID", `read model: "${key}" is no JSON object; the file is damaged`);
}
