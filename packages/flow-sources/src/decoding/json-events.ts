import type { FlowRecord } from "@oddflow/preprocessing";
import { eventWords, isFlowEvent } from "../sensors/event-rule.ts";
import { SENSORS } from "../sensors/index.ts";
import type { EventRule } from "../sensors/sensor.ts";

/** The rules by which JSON records say what they are. */
const EVENT_RULES: readonly EventRule[] = SENSORS.flatMap(({ events }) => events ?? []);

/** Their fields. */
export const EVENT_FIELDS: readonly string[] = [...new Set(EVENT_RULES.map(({ field }) => field))];

/** The rules of each field. */
export const FIELD_RULES: readonly (readonly EventRule[])[] = EVENT_FIELDS.map((name) =>
  EVENT_RULES.filter(({ field }) => field === name),
);

/** What a record is that is no flow, in words; undefined for a flow. */
export function noFlowWords(record: FlowRecord): string | undefined {
  for (const rule of EVENT_RULES) {
    const value = Object.hasOwn(record, rule.field) ? record[rule.field] : undefined;
    if (typeof value !== "string" || isFlowEvent(rule, value)) continue;
    if (rule.beside.every((name) => Object.hasOwn(record, name))) return eventWords(rule, value);
  }
  return undefined;
}
