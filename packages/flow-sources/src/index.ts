export { schemeOf, shownAddress } from "./address.ts";
export { ArrowScores } from "./arrow/added-columns.ts";
export {
  type ArrowBatchFlows,
  type ArrowEncoding,
  ArrowFlows,
  arrowColumnNames,
} from "./arrow/arrow-flows.ts";
export { ArrowMessages } from "./arrow/arrow-messages.ts";
export { ArrowFault, type ArrowSchema, readSchema } from "./arrow/arrow-schema.ts";
export { ArrowDictionaries } from "./arrow/dictionaries.ts";
export { type ArrowBatch, readBatchMessage } from "./arrow/record-batch.ts";
export { END_OF_STREAM, ScoredArrow } from "./arrow/scored-arrow.ts";
export {
  type EndpointColumns,
  findAddressColumns,
  findContext,
  findEndpoints,
  findFlowEnds,
  type NoContext,
} from "./context/find-context.ts";
export { findTimeColumns, flowTime } from "./context/flow-time.ts";
export { BETWEEN_HOSTS, findHostColumns, HOST_ENTITIES } from "./context/host-columns.ts";
export {
  columnNames,
  findDelimiter,
  fitCells,
  isHeader,
  placeNames,
  widthProblem,
} from "./decoding/csv-header.ts";
export { decodeText, TextDecoding } from "./decoding/decode-text.ts";
export { type CellEncoder, createCellEncoder } from "./decoding/encode-cells.ts";
export { createJsonRecordEncoder, type JsonRecordEncoder } from "./decoding/encode-json.ts";
export type { FlowRow, RowHead } from "./decoding/flow-row.ts";
export { CUT_LINES, FlowRows, type FlowRowsOptions } from "./decoding/flow-rows.ts";
export { DEEPEST_NESTING, isSpace, skipSpace } from "./decoding/json-bytes.ts";
export { EVENT_FIELDS, noFlowWords } from "./decoding/json-events.ts";
export { JsonFields } from "./decoding/json-fields.ts";
export { type JsonLeaf, JsonLeaves } from "./decoding/json-leaves.ts";
export { RATE_FIELDS, samplingOf, withoutSampling } from "./decoding/json-sampling.ts";
export { type JsonReading, readJsonRecord, withWholeLetters } from "./decoding/read-json-record.ts";
export type { RowLayout } from "./decoding/row-layout.ts";
export { SoughtCells } from "./decoding/sought-cells.ts";
export { readZeekCells } from "./decoding/zeek-header.ts";
export { type FlowScores, flowScores, rulingText } from "./encoding/flow-scores.ts";
export { type RuledFlow, RuledJsonWriter } from "./encoding/ruled-json.ts";
export { RuledRowsWriter } from "./encoding/ruled-rows.ts";
export { type KeptFields, ScoredJsonWriter } from "./encoding/scored-json.ts";
export { ScoredRowsWriter, scoredRowsHeader } from "./encoding/scored-rows.ts";
export { ByteWindow } from "./framing/byte-window.ts";
export { type CsvFault, type CsvRow, CsvRows } from "./framing/csv-rows.ts";
export { JsonItemFramer, type JsonLayout } from "./framing/json-items.ts";
export { LineFramer, LONGEST_LINE } from "./framing/lines.ts";
export type { FramingStep, RecordFramer } from "./framing/record-framer.ts";
export { ZstdUnpacking } from "./framing/unpack-zstd.ts";
export {
  type Address,
  addressKey,
  hasAddress,
  type Network,
  parseAddress,
  parseNetwork,
} from "./ip-address.ts";
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
export { goflow2Json } from "./protobuf/goflow2-message.ts";
export { goflow2Lines, goflow2Record } from "./protobuf/goflow2-messages.ts";
export { eventWords, isFlowEvent } from "./sensors/event-rule.ts";
export { eventRulesOf, findSensor, knownRoles } from "./sensors/find-sensor.ts";
export { SENSORS, SOURCE_FORMATS } from "./sensors/index.ts";
export { leftOutText } from "./sensors/left-out-text.ts";
export type { EventRule, Sensor } from "./sensors/sensor.ts";
