import type { Condition, Rule, TimeWindow } from "@oddflow/rules";

/** A condition in words, behind its column's name. */
export function conditionWords(condition: Condition): string {
  if (typeof condition !== "object") return `is ${condition}`;
  if (isList(condition)) return `is one of ${condition.join(", ")}`;
  if ("pattern" in condition) return `is like ${condition.pattern}`;
  const { from, to } = condition;
  if (from === undefined) return `is at most ${to}`;
  return to === undefined ? `is at least ${from}` : `is ${from} to ${to}`;
}

/** Of which alarms a rule is, one text a condition. */
export function ruleWords({ match = {}, host, during, expires }: Rule): readonly string[] {
  return [
    ...Object.entries(match).map(([column, condition]) => `${column} ${conditionWords(condition)}`),
    ...(host === undefined ? [] : [`an end is ${typeof host === "string" ? host : host.join(" or ")}`]),
    ...(during === undefined ? [] : [windowWords(during)]),
    ...(expires === undefined ? [] : [`before ${expires}`]),
  ];
}

function windowWords({ days, from = "00:00", to = "24:00", zone = "UTC" }: TimeWindow): string {
  return `${days === undefined ? "every day" : days.join(", ")} ${from} to ${to} ${zone}`;
}

function isList(condition: object): condition is readonly (string | number | boolean)[] {
  return Array.isArray(condition);
}
