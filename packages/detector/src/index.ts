export {
  BUDGET,
  DEFAULT_BUDGET,
  DESCRIBED_BUDGETS,
  isExtrapolated,
  scoreRarity,
  summariseScores,
  thresholdForBudget,
} from "./alert-budget.ts";
export type { ColumnErrorDistribution } from "./column-errors.ts";
export { columnErrorRarity, summariseColumnErrors } from "./column-errors.ts";
export type { DetectorMetadata, TrainingRecord } from "./detector-metadata.ts";
export {
  COLUMN_ERROR_OUTPUT,
  encodeDetector,
  encodeDetectorMetadata,
  FLOWS_INPUT,
  FORMAT_KEY,
  FORMAT_VERSION,
  parseDetectorMetadata,
  RECONSTRUCTION_VALUE,
  SCORE_OUTPUT,
  trainedNormals,
} from "./detector-metadata.ts";
export { profileFlows } from "./fit-profile.ts";
export { FlowCounter } from "./flow-counter.ts";
export type { ColumnProfile, FlowProfile } from "./flow-profile.ts";
export { PROFILE_VERSION } from "./flow-profile.ts";
export type { HostActivity } from "./host-scores.ts";
export { HostBaseline, LEAST_PROBABILITY } from "./host-scores.ts";
export type { BeforeAndNow, ColumnShift, PopulationShift } from "./population-stability.ts";
export { columnShifts, PSI_MOVED, PSI_MOVED_FAR, populationShift } from "./population-stability.ts";
export type { InputRank } from "./portable/column-inputs.ts";
export type { PortableModel, PortableOptions, PortableValue } from "./portable/portable-model.ts";
export { makePortable } from "./portable/portable-model.ts";
export { addPreprocessing, featureToColumnMatrix } from "./preprocessing-graph.ts";
export type { Recalibration, RecentFlows } from "./recalibrate-detector.ts";
export { recalibrate, trainedThreshold } from "./recalibrate-detector.ts";
export type { RecalibratedScores } from "./recalibrate-scores.ts";
export { recalibrateScores } from "./recalibrate-scores.ts";
export type { ScoreCalendar } from "./score-calendar.ts";
export { addCalendar, scoreAtHour } from "./score-calendar.ts";
export type { CountedWindow, HostScoring, HostVerdict, ScoredHosts } from "./score-host-windows.ts";
export { scoreHosts } from "./score-host-windows.ts";
export { scoreProfile } from "./score-profile.ts";
export type { ScoreTail } from "./score-tail.ts";
export { fitGeneralisedPareto } from "./score-tail.ts";
export type { HostHours, Stretch } from "./silence/host-hours.ts";
export { type HostHabit, HostJudge, type HostJudgement } from "./silence/judge-host.ts";
export type { SentFlows } from "./silence/lost-rate.ts";
export { SilenceCalibration, type SilenceLevels } from "./silence/silence-levels.ts";
export { type Outage, type RatesBy, WatchedHours, type WatchedPeriods } from "./silence/watched-hours.ts";
export type { ScoreDistribution, Thresholds } from "./thresholds.ts";
export { Verdict } from "./verdict.ts";
