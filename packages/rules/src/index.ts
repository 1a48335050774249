export {
  type BoundRules,
  bindRules,
  type FlowValues,
  type LackingColumns,
  type RuleMatch,
} from "./bind-rules.ts";
export { NO_RULES, withoutRule, withRule } from "./edit-rules.ts";
export { parseRules } from "./parse-rules.ts";
export { RecordRules } from "./record-rules.ts";
export type { Condition, Day, NamedValue, Rule, RuleSet, TimeWindow } from "./rule.ts";
export { type RuleCount, RuleCounts } from "./rule-counts.ts";
export { type RuleProblem, ruleProblems } from "./rule-problems.ts";
export { hourOfWeekIn, isZone } from "./time-test.ts";
