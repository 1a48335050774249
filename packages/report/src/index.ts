export type { ComparedFlow, ComparisonData } from "./comparison-data.ts";
export { renderComparison } from "./render-comparison.ts";
export { renderReport } from "./render-report.ts";
export type {
  ColumnErrorMeans,
  EpochLoss,
  NetworkLosses,
  ReportData,
  ReportFlow,
  ReportThreshold,
} from "./report-data.ts";
export { lossesOfRecord } from "./training-losses.ts";
