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
export {
  type ContextColumn,
  type ContextKey,
  type ContextMeasure,
  contextColumns,
  contextWords,
} from "./context/context-columns.ts";
export { ContextEncoder } from "./context/context-encoder.ts";
export type { ContextFlow } from "./context/context-flow.ts";
export { emptyContextFlow } from "./context/context-flow.ts";
export { ContextReader } from "./context/context-reader.ts";
export {
  type ContextColumnNames,
  type ContextSpec,
  contextInputs,
  contextLetters,
  contextNumbers,
  type FailureRule,
  neededFields,
  parseContextSpec,
} from "./context/context-spec.ts";
export { ContextState } from "./context/context-state.ts";
export { countFlows } from "./context/count-flows.ts";
export { type Endpoints, joinEndpoints, keyCodes } from "./context/endpoints.ts";
export { HOURS_OF_WEEK, hourOfWeek } from "./context/hour-of-week.ts";
export { PackedContextFlows } from "./context/packed-context-flows.ts";
export type { ContextCounts } from "./context/saved-context.ts";
export type {
  EncodeProblem,
  EncodeReport,
  FlowRecord,
  RecordEncoder,
  RecordProblem,
  ValueEncoder,
} from "./encode.ts";
export {
  createRecordEncoder,
  createValueEncoder,
  fieldValue,
  INFINITY_TEXT,
  MISSING_TEXTS,
  NUMBER_TEXT,
  numberOfText,
  reportFlows,
  shownValue,
} from "./encode.ts";
export type { ErrorCode } from "./errors.ts";
export { OddflowError } from "./errors.ts";
export { expectedValues } from "./expected-values.ts";
export type { FitOptions, FlowMatrix } from "./fit.ts";
export { fitPreprocessing, recodeFlows, refitScales } from "./fit.ts";
export type { OptionRange } from "./option-range.ts";
export { checkRange, isInRange, limitsText, rangeText } from "./option-range.ts";
export { ByRecordColumns } from "./record-columns.ts";
export { type DecidedRoles, decideColumnRoles, findKeyColumns, refuseSlips } from "./roles/decide-roles.ts";
export { findRoleTable, rolesFromTable } from "./roles/find-role-table.ts";
export { inferRoles } from "./roles/infer-roles.ts";
export { isNoLabel, isNormalName } from "./roles/label-words.ts";
export { examplePattern, normalLabels } from "./roles/normal-labels.ts";
export { referenceRoles } from "./roles/reference-roles.ts";
export type { KnownRoles, RoleSource } from "./roles/role-draft.ts";
export { ROLE_SOURCES } from "./roles/role-draft.ts";
export type { RoleTable } from "./roles/role-tables.ts";
export { NSL_KDD, ROLE_TABLES, UNSW_NB15, UNSW_NB15_RAW, UNSW_NB15_SETS } from "./roles/role-tables.ts";
export type { ColumnRole, RoleDecision } from "./roles/roles.ts";
export { COLUMN_ROLES, featureNames, overrideRoles } from "./roles/roles.ts";
export type {
  FoundValue,
  KindsByLabel,
  LabelColumn,
  NumberForms,
  NumberRange,
  NumberSteps,
  TableValues,
  TextForms,
  ValueSpan,
  ValueSpans,
} from "./roles/table-values.ts";
export type { RuleVerdict, Ruling, ScoredRows, WasScored } from "./scored-rows.ts";
export {
  countSuppressed,
  isSuppressed,
  RULE_VERDICTS,
  SCORE_COLUMN,
  SCORE_COLUMNS,
  SUPPRESSING_VERDICTS,
  TRUE_TEXTS,
  wasScored,
} from "./scored-rows.ts";
export { shortestFloat32 } from "./shortest-float32.ts";
export type {
  CategoryColumn,
  CategoryEncoding,
  ColumnSpec,
  NumberColumn,
  NumberTransform,
  PreprocessingSpec,
} from "./spec.ts";
export {
  CATEGORY_ENCODINGS,
  featureCount,
  featureWidth,
  hourColumn,
  NUMBER_TRANSFORMS,
  ownColumns,
  parsePreprocessingSpec,
  SPEC_VERSION,
} from "./spec.ts";
export type { TextAmongNumbers } from "./table-problems.ts";
export { checkNames, textAmongNumbers } from "./table-problems.ts";
export { CALENDAR, FARTHEST_TIME, timeCandidates, timeUnitOf, timeUnitsPerSecond } from "./time-columns.ts";
export { type TimeSpan, timeSpan } from "./time-span.ts";
export { TIME_TEXT, timeOfText } from "./time-text.ts";
export { transformFlows } from "./transform.ts";
