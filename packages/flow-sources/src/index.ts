export {
  columnNames,
  findDelimiter,
  fitCells,
  isHeader,
  placeNames,
  widthProblem,
} from "./decoding/csv-header.ts";
export { createJsonRecordEncoder, type JsonRecordEncoder } from "./decoding/encode-json.ts";
export { DEEPEST_NESTING, isSpace, skipSpace } from "./decoding/json-bytes.ts";
export { JsonFields } from "./decoding/json-fields.ts";
export { type JsonReading, readJsonRecord, withWholeLetters } from "./decoding/read-json-record.ts";
export { type KeptFields, ScoredJsonWriter } from "./encoding/scored-json.ts";
export { ByteWindow } from "./framing/byte-window.ts";
export { type CsvFault, type CsvRow, CsvRows } from "./framing/csv-rows.ts";
export { JsonItemFramer, type JsonLayout } from "./framing/json-items.ts";
export { LineFramer, LONGEST_LINE } from "./framing/lines.ts";
export type { FramingStep, RecordFramer } from "./framing/record-framer.ts";
export { checkParquetFooter, damagedParquet } from "./parquet/check-footer.ts";
export { checkParquetPages } from "./parquet/check-pages.ts";
export {
  bytesBehindChunks,
  type ChunkClaim,
  type ParquetClaims,
  type RowGroupClaim,
  type SchemaClaim,
} from "./parquet/parquet-claims.ts";
export { THRIFT_CODE, type ThriftStruct, type ThriftValue } from "./parquet/thrift-compact.ts";
export { readThriftStruct, storedStruct } from "./parquet/thrift-reader.ts";
