export { type FetchedFiles, type FetchOptions, fetchFiles } from "./addresses/fetch-files.ts";
export { describeHttpfs, type HttpfsDescription } from "./addresses/httpfs.ts";
export { checkColumns } from "./check-columns.ts";
export type { ContextRun } from "./context/context-run.ts";
export type { ContextSlice } from "./context/context-slices.ts";
export { contextSlices, countContext } from "./context/context-slices.ts";
export { countRuns } from "./context/count-runs.ts";
export type { CountedContext } from "./context/counted-context.ts";
export { type ContextDecision, decideContext } from "./context/decide-context.ts";
export { readEndpoints } from "./context/read-endpoints.ts";
export { decideRoles, keyColumns } from "./decide-roles.ts";
export type { FlowTable, RowRange, ScannedBatch, ScanOptions } from "./flow-table.ts";
export type { WrittenHostWindow } from "./host-table.ts";
export { writeHostTable } from "./host-table.ts";
export type { HostWindow, HostWindows, HostWindowsRequest } from "./host-windows.ts";
export { readHostWindows } from "./host-windows.ts";
export type { OpenTableOptions } from "./open-table.ts";
export { findTablePaths, openTable } from "./open-table.ts";
export type { OutputPlace } from "./output-place.ts";
export { findOutputPlace } from "./output-place.ts";
export { applyRulings } from "./rulings/apply-rulings.ts";
export {
  type ApplyRulingsOptions,
  checkScored,
  RulingCounts,
  type RulingSource,
  type WasScored,
  wasScored,
} from "./rulings/ruling-source.ts";
export type { ScoredShardOptions, ScoredShardWriter, ShardTarget, WrittenShard } from "./scored-shard.ts";
export { createScoredShardWriter } from "./scored-shard.ts";
export { createScoredTableWriter } from "./scored-table.ts";
export type { ScoredTableOptions, ScoredTableWriter } from "./scored-table-writer.ts";
export { countSpanContext } from "./shards/count-span-context.ts";
export { joinTables } from "./shards/join-tables.ts";
export { isUnchanged, type KnownFile } from "./shards/known-file.ts";
export { type OutputForm, outputForm } from "./shards/output-form.ts";
export { type PartitionFile, partitionTable } from "./shards/partition-table.ts";
export { balanceSpans, cutSpans, type RowGroupSpan } from "./shards/row-group-spans.ts";
export { type SurveyedFile, surveyFiles, type TableSurvey } from "./shards/survey-files.ts";
export type { ShardsWriter, SomeRowGroups } from "./shards-writer.ts";
export { createShardsWriter } from "./shards-writer.ts";
export type { TableFormat } from "./table-files.ts";
export type { FileReading } from "./table-source.ts";
export { makeTemporaryFolder, type TemporaryFolder } from "./temporary-folder.ts";
export { JsonShardReader } from "./text/json-shard-reader.ts";
export { JsonShardWriter } from "./text/json-shard-writer.ts";
export { openJsonTable } from "./text/json-table.ts";
export { NotPlainText } from "./text/not-plain-text.ts";
export type { TextContext } from "./text/row-context.ts";
export type { ShardPlace } from "./text/shard-file.ts";
export type { ShardNotes } from "./text/shard-notes.ts";
export { readTextInputs, type TextInputs, textSlices } from "./text/text-inputs.ts";
export { type TextBlock, TextShardReader } from "./text/text-shard-reader.ts";
export { TextShardWriter } from "./text/text-shard-writer.ts";
export { createTextShardsWriter, type TextShardsWriter } from "./text/text-shards-writer.ts";
export { openTextTable, type TextShard, type TextTable } from "./text/text-table.ts";
