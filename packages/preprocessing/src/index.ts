export type {
  CategoryCoding,
  CategoryValueType,
  ColumnBatch,
  ColumnCoding,
  ColumnType,
  NumberCoding,
  TableColumn,
} from "./columns.ts";
export { unseenCode } from "./columns.ts";
export type { EncodeReport, FlowRecord, RecordEncoder } from "./encode.ts";
export { createRecordEncoder, INFINITY_TEXT, MISSING_TEXTS, NUMBER_TEXT } from "./encode.ts";
export type { ErrorCode } from "./errors.ts";
export { OddflowError } from "./errors.ts";
export type {
  CategoryColumn,
  CategoryEncoding,
  ColumnSpec,
  NumberColumn,
  NumberTransform,
  PreprocessingSpec,
} from "./spec.ts";
export { featureCount, featureWidth, parsePreprocessingSpec, SPEC_VERSION } from "./spec.ts";
