import { PbfReader, PbfWriter } from "pbf";
import { decodeModel } from "./decode-model.ts";
import { writeMetadata } from "./encode-model.ts";
import { joinBytes } from "./join-bytes.ts";
import { message, readMessage, text } from "./wire-format.ts";

/** Field numbers of onnx.proto3 in the ONNX repository. */
const MODEL_METADATA = 14;
const ENTRY_KEY = 1;
const ENTRY_VALUE = 2;

/** A field of a model file with its number and length before it; `key` where it is an entry of the metadata. */
interface ModelChunk {
  readonly bytes: Uint8Array;
  readonly key?: string;
}

/**
 * The same ONNX file with other metadata: its old entries of the given keys are gone and the given ones come last, those
 * without a value not at all. Every other byte stays as it is and in its order, the graph's first of all. The bytes that were
 * given are left alone.
 * @throws OddflowError MODEL_INVALID when the bytes are no ONNX model or end too early.
 */
export function replaceMetadata(
  model: Uint8Array,
  entries: ReadonlyMap<string, string | undefined>,
): Uint8Array {
  decodeModel(model);
  const kept = metadataChunks(model).filter(({ key }) => key === undefined || !entries.has(key));
  const added = new PbfWriter();
  for (const [key, value] of entries) {
    if (value !== undefined) added.writeMessage(MODEL_METADATA, writeMetadata, [key, value]);
  }
  return joinBytes([...kept.map(({ bytes }) => bytes), added.finish()]);
}

/** The fields of a model that `decodeModel` has read, in their order; together they are the file. */
export function metadataChunks(model: Uint8Array): ModelChunk[] {
  const chunks: ModelChunk[] = [];
  const reader = new PbfReader(model);
  while (reader.pos < model.length) {
    const start = reader.pos;
    const field = reader.readVarint();
    let key: string | undefined;
    if (field >> 3 === MODEL_METADATA) key = readKey(reader);
    else reader.skip(field);
    chunks.push({ bytes: model.subarray(start, reader.pos), ...(key === undefined ? {} : { key }) });
  }
  return chunks;
}

function readKey(reader: PbfReader): string {
  let key = "";
  message((pbf, end) =>
    readMessage(pbf, end, "metadata", {
      [ENTRY_KEY]: text((value) => (key = value)),
      [ENTRY_VALUE]: text(() => undefined),
    }),
  ).read(reader);
  return key;
}
