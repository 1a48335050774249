import type { Incident } from "./incident.ts";

/** A probability below this counts as this: no model knows rarer ones. */
const RAREST = 1e-6;

/** An incident that a rule escalates is at least this severe. */
const ESCALATED = 7;

const MOST = 10;

/** How many usual flows a flow weighs as: one in a thousand as a thousand. A whole number, so that sums hang on no order. */
export function flowWeight(probability: number): number {
  return Math.round(1 / Math.min(1, Math.max(RAREST, probability)));
}

/**
 * How severe an incident is, 0 to 10: the whole tens that its weight has, so that each step is ten times as rare, and 7 at least where a rule
 * escalates it. One flow in a thousand is 3, a thousand of them 6.
 * @param weight the sum of 1 / probability over its flows
 */
export function severityOf(weight: number, isEscalated: boolean): number {
  // Powers of ten have whole logarithms but for rounding.
  const tens = Math.min(MOST, Math.floor(Math.log10(Math.max(1, weight)) + 1e-9));
  return isEscalated ? Math.max(ESCALATED, tens) : tens;
}

/** 0 to 100, with one decimal: ten times what severity is the whole part of. */
export function riskScore(weight: number, severity: number): number {
  const tens = Math.min(MOST, Math.log10(Math.max(1, weight)));
  return Math.round(100 * Math.max(severity, tens)) / 10;
}

/** Orders incidents for who looks at the worst first: the most severe, then the weightiest, the earlier, and by id. */
export function bySeverity(one: Incident, other: Incident): number {
  return (
    other.severity - one.severity ||
    other.weight - one.weight ||
    one.first - other.first ||
    (one.id < other.id ? -1 : 1)
  );
}
