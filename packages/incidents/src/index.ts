export type { Alarm, AlarmReason, FlowEnds } from "./alarm.ts";
export type { Incident, IncidentColumn, IncidentExample } from "./incident.ts";
export { DEFAULT_INCIDENTS, type IncidentOptions, IncidentStream } from "./incident-stream.ts";
export { severityOf } from "./severity.ts";
export type { CountedValues, ValueCount } from "./value-counts.ts";
