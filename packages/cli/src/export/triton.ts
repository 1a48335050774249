import type { PortableModel, PortableValue } from "@oddflow/detector";
import type { ExportedFile } from "./exported-file.ts";

/** As many flows as one request may hold, or Triton puts together. */
const MOST_FLOWS = 65_536;

/** How long Triton may wait for more requests to run together, in microseconds. */
const LONGEST_DELAY = 1000;

/** Triton's names of the types. */
const TYPES = { float32: "TYPE_FP32", text: "TYPE_STRING", bool: "TYPE_BOOL" } as const;

/** A model's folder in Triton's model repository: the configuration, in protobuf's text form, and the first version. */
export function tritonFiles(
  { bytes, inputs, outputs }: PortableModel,
  name: string,
): readonly ExportedFile[] {
  const tensor = (kind: string, { name: own, type, values = 1 }: PortableValue): string =>
    `${kind} { name: ${quoted(own)} data_type: ${TYPES[type]} dims: [ ${values} ] }\n`;
  const configuration = [
    `name: ${quoted(name)}\n`,
    'backend: "onnxruntime"\n',
    `max_batch_size: ${MOST_FLOWS}\n`,
    ...inputs.map((each) => tensor("input", each)),
    ...outputs.map((each) => tensor("output", each)),
    `dynamic_batching { max_queue_delay_microseconds: ${LONGEST_DELAY} }\n`,
  ];
  return [
    { path: "config.pbtxt", content: configuration.join("") },
    { path: "1/model.onnx", content: bytes },
  ];
}

/** Text as protobuf's text form has it: bytes that are no plain letters as octal numbers. */
function quoted(text: string): string {
  const bytes = [...new TextEncoder().encode(text)].map((byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c
      ? `\\${byte.toString(8).padStart(3, "0")}`
      : String.fromCharCode(byte),
  );
  return `"${bytes.join("")}"`;
}
