export { type ColumnTimes, columnTimes, findTimes } from "./column-times.ts";
export type { FlowColumn, FlowColumns, OtherValue } from "./flow-columns.ts";
export { cellText, cellValue, jsonText, numberValue, otherValue, valueText } from "./flow-columns.ts";
export { readTable } from "./read-table.ts";
