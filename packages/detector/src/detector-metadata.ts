import {
  checkGraph,
  DIGEST_KEY,
  ELEMENT_TYPES,
  encodeModel,
  type Graph,
  type ModelSummary,
  type Shape,
  sealModel,
} from "@oddflow/onnx";
import { OddflowError, type PreprocessingSpec, parsePreprocessingSpec } from "@oddflow/preprocessing";
import type { FlowProfile } from "./flow-profile.ts";
import { parseFlowProfile } from "./parse-flow-profile.ts";
import { parseObject, parseThresholds } from "./parse-thresholds.ts";
import type { Thresholds } from "./thresholds.ts";

/** The version of the model-file contract that this release writes: the file's digest is in its metadata. */
export const FORMAT_VERSION = "2";

/** Read as well; such a file has no digest, so damage may go unnoticed. */
const FORMER_FORMAT_VERSION = "1";

/** The operator set of model files: old enough for every onnxruntime since 2022. */
export const OPSET = 17;

/** Names of the graph's input and outputs. */
export const FLOWS_INPUT = "flows";
/** float32 `[batch]`, higher is odder. */
export const SCORE_OUTPUT = "score";
/** float32 `[batch, columns]`: how far each column is from what is expected. */
export const COLUMN_ERROR_OUTPUT = "column_error";

/**
 * Name of a value inside the graph that is no output: the features that the detector expects of a flow, float32
 * `[batch, features]`, standardised as the spec says.
 */
export const RECONSTRUCTION_VALUE = "reconstruction";

/** How the model came about; for people, never read by the scorer. */
export type TrainingRecord = Readonly<Record<string, unknown>>;

/** The patterns that named the normal labels in training; empty where the usual words did, or there were no labels. */
export function trainedNormals({ data }: TrainingRecord): readonly string[] {
  const normal = typeof data === "object" && data !== null && "normal" in data ? data.normal : undefined;
  return Array.isArray(normal) ? normal.map(String) : [];
}

/** What a model file says beside its graph. */
export interface DetectorMetadata {
  readonly spec: PreprocessingSpec;
  readonly thresholds: Thresholds;
  readonly training: TrainingRecord;
  /** How the flows that it was fitted on are spread; absent in models of releases before it was kept. */
  readonly profile?: FlowProfile;
}

/** The metadata that holds the version of the contract. */
export const FORMAT_KEY = "oddflow.format";

const KEYS = {
  format: FORMAT_KEY,
  spec: "oddflow.spec",
  thresholds: "oddflow.thresholds",
  training: "oddflow.training",
  profile: "oddflow.profile",
} as const;

/** The bytes of a model file: the graph, and the metadata with the file's digest. */
export function encodeDetector(graph: Graph, metadata: DetectorMetadata): Uint8Array {
  return sealModel(
    encodeModel({ graph, opset: OPSET, producer: "oddflow", metadata: encodeDetectorMetadata(metadata) }),
  );
}

/** The model file's `metadata_props`, without the digest, which is that of the file. */
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
 * Reads the detector's part of a model file's metadata, and checks the file against its digest and the graph against the
 * spec. Nothing that has passed runs without end or allocates without bound, and its outputs have the sizes that they should.
 * @throws OddflowError MODEL_INVALID when it is no Oddflow detector or damaged, MODEL_FORMAT_VERSION when another version of
 * the contract wrote it, SPEC_VERSION or SPEC_INVALID when its spec cannot be used.
 */
export function parseDetectorMetadata(summary: ModelSummary): DetectorMetadata {
  const format = summary.metadata.get(KEYS.format);
  if (format === undefined) {
    throw new OddflowError(
      "MODEL_INVALID",
      `read model: an ONNX model without "${KEYS.format}" in its metadata; expected a detector written by \`oddflow train\``,
    );
  }
  if (format !== FORMAT_VERSION && format !== FORMER_FORMAT_VERSION) {
    throw new OddflowError(
      "MODEL_FORMAT_VERSION",
      `read model: format version ${JSON.stringify(format)} found, ${FORMAT_VERSION} or ${FORMER_FORMAT_VERSION} expected; ` +
        "use the Oddflow release that wrote it, or train again",
    );
  }
  checkDigest(summary, format);
  const spec = parsePreprocessingSpec(required(summary, KEYS.spec));
  checkGraphOf(summary, spec);
  const profile = summary.metadata.get(KEYS.profile);
  return {
    spec,
    thresholds: parseThresholds(KEYS.thresholds, required(summary, KEYS.thresholds), spec.columns.length),
    training: parseObject(KEYS.training, required(summary, KEYS.training)),
    ...(profile === undefined ? {} : { profile: parseFlowProfile(KEYS.profile, profile, spec.columns) }),
  };
}

function checkDigest({ metadata, digest }: ModelSummary, format: string): void {
  const found = metadata.get(DIGEST_KEY);
  if (found === digest || (found === undefined && format === FORMER_FORMAT_VERSION)) return;
  throw new OddflowError(
    "MODEL_INVALID",
    found === undefined
      ? `read model: it has no "${DIGEST_KEY}" in its metadata; the file is damaged`
      : `read model: its bytes have not the digest that it names in "${DIGEST_KEY}"; the file is damaged or was changed: fetch or train it again`,
  );
}

function checkGraphOf(summary: ModelSummary, spec: PreprocessingSpec): void {
  const damaged = (found: string): OddflowError =>
    new OddflowError("MODEL_INVALID", `read model: ${found}; the file is damaged`);
  if (summary.opset !== OPSET) throw damaged(`operator set ${summary.opset} found, ${OPSET} expected`);
  const columns = spec.columns.length;
  const flows = summary.inputs.find((input) => input.name === FLOWS_INPUT);
  const [rows, width] = flows?.shape ?? [];
  if (width !== columns || typeof rows !== "string" || flows?.elementType !== ELEMENT_TYPES.float32) {
    throw damaged(`its input "${FLOWS_INPUT}" has ${width ?? "no"} columns, its spec ${columns}`);
  }
  const shapes = checkGraph(summary.graph, FLOWS_INPUT, columns);
  const wanted: [string, Shape][] = [
    [SCORE_OUTPUT, ["batch"]],
    [COLUMN_ERROR_OUTPUT, ["batch", columns]],
  ];
  for (const [name, shape] of wanted) {
    const output = summary.outputs.find((each) => each.name === name);
    if (output === undefined) throw damaged(`it has no output "${name}"`);
    const found = shapes.get(name)?.join(", ");
    if (found !== shape.join(", ") || output.elementType !== ELEMENT_TYPES.float32) {
      throw damaged(`its output "${name}" is [${found ?? ""}], expected [${shape.join(", ")}]`);
    }
  }
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
