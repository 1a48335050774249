export { createJsonRecordEncoder, type JsonRecordEncoder } from "./decoding/encode-json.ts";
export { DEEPEST_NESTING, isSpace, skipSpace } from "./decoding/json-bytes.ts";
export { JsonFields } from "./decoding/json-fields.ts";
export { type JsonReading, readJsonRecord, shorten } from "./decoding/read-json-record.ts";
export { ByteWindow } from "./framing/byte-window.ts";
export { hasByteOrderMark, LineFramer, LONGEST_LINE } from "./framing/lines.ts";
