import { OddflowError } from "@oddflow/preprocessing";
import { PbfReader } from "pbf";

/** What can be known of a model file without running it. */
export interface ModelSummary {
  readonly metadata: ReadonlyMap<string, string>;
  readonly producer: string;
  /** The default operator set's version; 0 when the file names none. */
  readonly opset: number;
  readonly nodes: number;
  readonly inputs: readonly ValueSummary[];
  readonly outputs: readonly ValueSummary[];
}

export interface ValueSummary {
  readonly name: string;
  /** ONNX's number of the element type (1 is float32); 0 when it is not said. */
  readonly elementType: number;
  /** A number, a dimension's name, or "?" when neither is said. */
  readonly shape: readonly (number | string)[];
}

const LENGTH_DELIMITED = 2;

/**
 * Reads an ONNX file's metadata and signature from its bytes; weights are passed over. Runs anywhere.
 * @throws OddflowError MODEL_INVALID when the bytes are no ONNX model or end too early.
 */
export function readModelSummary(bytes: Uint8Array): ModelSummary {
  if (bytes.length === 0) throw invalid("it is empty");
  const metadata = new Map<string, string>();
  const summary = { metadata, producer: "", opset: 0, nodes: 0, inputs: [], outputs: [], graphs: 0 };
  try {
    readFields(new PbfReader(bytes), bytes.length, (tag, pbf) => readModelField(tag, pbf, summary));
  } catch (cause) {
    if (cause instanceof OddflowError) throw cause;
    throw invalid("its bytes are not in ONNX's format", cause);
  }
  if (summary.graphs !== 1) throw invalid("it holds no graph");
  const { graphs: _, ...result } = summary;
  return result;
}

interface MutableSummary {
  metadata: Map<string, string>;
  producer: string;
  opset: number;
  nodes: number;
  inputs: ValueSummary[];
  outputs: ValueSummary[];
  graphs: number;
}

function readModelField(tag: number, pbf: PbfReader, summary: MutableSummary): void {
  if (tag === 2) summary.producer = pbf.readString();
  else if (tag === 7) {
    summary.graphs++;
    readSubmessage(pbf, (field, graph) => readGraphField(field, graph, summary));
  } else if (tag === 8) readOpset(pbf, summary);
  else if (tag === 14) readEntry(pbf, summary.metadata);
}

function readGraphField(tag: number, pbf: PbfReader, summary: MutableSummary): void {
  if (tag === 1) summary.nodes++;
  else if (tag === 11) summary.inputs.push(readValue(pbf));
  else if (tag === 12) summary.outputs.push(readValue(pbf));
}

function readOpset(pbf: PbfReader, summary: MutableSummary): void {
  let domain = "";
  let version = 0;
  readSubmessage(pbf, (tag, opset) => {
    if (tag === 1) domain = opset.readString();
    else if (tag === 2) version = opset.readVarint(true);
  });
  if (domain === "" || domain === "ai.onnx") summary.opset = version;
}

function readEntry(pbf: PbfReader, metadata: Map<string, string>): void {
  let key = "";
  let value = "";
  readSubmessage(pbf, (tag, entry) => {
    if (tag === 1) key = entry.readString();
    else if (tag === 2) value = entry.readString();
  });
  metadata.set(key, value);
}

function readValue(pbf: PbfReader): ValueSummary {
  let name = "";
  let elementType = 0;
  const shape: (number | string)[] = [];
  const readDimension = (tag: number, dimension: PbfReader): void => {
    if (tag === 1) shape[shape.length - 1] = dimension.readVarint(true);
    else if (tag === 2) shape[shape.length - 1] = dimension.readString();
  };
  const readTensorType = (tag: number, type: PbfReader): void => {
    if (tag === 1) elementType = type.readVarint();
    else if (tag === 2) {
      readSubmessage(type, (field, dimensions) => {
        if (field !== 1) return;
        shape.push("?");
        readSubmessage(dimensions, readDimension);
      });
    }
  };
  readSubmessage(pbf, (tag, value) => {
    if (tag === 1) name = value.readString();
    else if (tag === 2) {
      readSubmessage(value, (kind, type) => {
        if (kind === 1) readSubmessage(type, readTensorType);
      });
    }
  });
  return { name, elementType, shape };
}

/** Reads the fields of the message that the reader stands before. */
export function readSubmessage(pbf: PbfReader, read: (tag: number, pbf: PbfReader) => void): void {
  if (pbf.type !== LENGTH_DELIMITED) throw invalid("its bytes are not in ONNX's format");
  const length = pbf.readVarint();
  readFields(pbf, pbf.pos + length, read);
}

/**
 * Reads the fields of a message up to its end; what `read` does not read is passed over.
 * pbf passes over a field that reaches past the end without a word; a cut file must not go unnoticed.
 */
export function readFields(pbf: PbfReader, end: number, read: (tag: number, pbf: PbfReader) => void): void {
  if (end > pbf.length) throw invalid("it ends too early");
  while (pbf.pos < end) {
    const key = pbf.readVarint();
    pbf.type = key & 7;
    const start = pbf.pos;
    if (key >> 3 === 0) throw invalid("its bytes are not in ONNX's format");
    read(key >> 3, pbf);
    if (pbf.pos === start) pbf.skip(key);
    if (pbf.pos > end) throw invalid("it ends too early");
  }
}

function invalid(found: string, cause?: unknown): OddflowError {
  return new OddflowError(
    "MODEL_INVALID",
    `read model: ${found}; expected an ONNX file written by \`oddflow train\``,
    cause === undefined ? undefined : { cause },
  );
}
