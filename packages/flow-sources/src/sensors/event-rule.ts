import type { EventRule } from "./sensor.ts";

/** Whether a record whose field says so is a flow, by one rule. */
export function isFlowEvent({ flows, others = [] }: EventRule, value: string): boolean {
  return flows === undefined ? !others.includes(value) : flows.includes(value);
}

/** Whether the field of some rules tells a flow by its value alone, whatever else the record has. */
export function isSurelyFlow(rules: readonly EventRule[], value: string): boolean {
  return rules.some(({ flows }) => flows?.includes(value)) || rules.every((rule) => isFlowEvent(rule, value));
}

/** What is said of records that are no flows. */
export function eventWords({ field }: EventRule, value: string): string {
  return `records with the ${field} ${value}`;
}
