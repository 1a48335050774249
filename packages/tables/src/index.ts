export { checkColumns } from "./check-columns.ts";
export { findTimeColumn } from "./find-time-column.ts";
export type { FlowTable, ScanOptions } from "./flow-table.ts";
export { openTable } from "./open-table.ts";
export type { OutputPlace } from "./output-place.ts";
export { findOutputPlace } from "./output-place.ts";
export type { ScoredBatch, ScoredTableOptions, ScoredTableWriter } from "./scored-table.ts";
export { createScoredTableWriter } from "./scored-table.ts";
export type { TableFormat } from "./table-files.ts";
