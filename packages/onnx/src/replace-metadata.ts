import { PbfReader, PbfWriter } from "pbf";
import { writeMetadata } from "./encode-model.ts";
import { joinBytes } from "./join-bytes.ts";
import { readModelSummary, readSubmessage } from "./read-model.ts";

/** Field numbers of onnx.proto3 in the ONNX repository. */
const MODEL_METADATA = 14;
const ENTRY_KEY = 1;

/**
 * The same ONNX file with other metadata: its old entries of the given keys are gone and the given ones come last.
 * Every other byte stays as it is and in its order, the graph's first of all. The bytes that were given are left alone.
 * @throws OddflowError MODEL_INVALID when the bytes are no ONNX model or end too early.
 */
export function replaceMetadata(model: Uint8Array, entries: ReadonlyMap<string, string>): Uint8Array {
  readModelSummary(model);
  const parts: Uint8Array[] = [];
  const reader = new PbfReader(model);
  while (reader.pos < model.length) {
    const start = reader.pos;
    const field = reader.readVarint();
    reader.type = field & 7;
    if (field >> 3 === MODEL_METADATA) {
      if (entries.has(readKey(reader))) continue;
    } else reader.skip(field);
    parts.push(model.subarray(start, reader.pos));
  }
  const added = new PbfWriter();
  for (const entry of entries) added.writeMessage(MODEL_METADATA, writeMetadata, entry);
  parts.push(added.finish());
  return joinBytes(parts);
}

function readKey(reader: PbfReader): string {
  let key = "";
  readSubmessage(reader, (tag, entry) => {
    if (tag === ENTRY_KEY) key = entry.readString();
  });
  return key;
}
