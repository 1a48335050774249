import { NO_RULES, parseRules, type Rule, withoutRule, withRule } from "@oddflow/rules";
import type { FlowColumns } from "../reading/index.ts";
import { applyRules, type TableRules } from "./table-rules.ts";

/** A change of the rules. */
export type RulesChange =
  /** A file takes the place of the rules before. */
  | { readonly name: string; readonly text: string }
  /** One more, before the others; the name is that of the file where there is none yet. */
  | { readonly add: Rule; readonly name: string }
  | { readonly remove: string };

/** The rules in use. */
export interface OpenedRules {
  /** What the file is called, and what it holds. */
  readonly name: string;
  readonly text: string;
  /** In their order, with what a rule looks at and the table lacks. */
  readonly rules: readonly (Rule & { readonly lacking: readonly string[] })[];
}

/** Rules for a table, and the text of the file that they come from. */
export interface RulesInUse {
  readonly opened: OpenedRules;
  readonly bound: TableRules;
}

/**
 * Changes the rules that are in use on a table.
 * @throws OddflowError RULES_INVALID, which names the first problem by its line and column
 */
export function changeRules(
  table: FlowColumns,
  before: RulesInUse | undefined,
  change: RulesChange,
): RulesInUse {
  const { name, text } = "text" in change ? change : changedFile(before?.opened, change);
  const bound = applyRules(parseRules(text, name), table);
  const rules = bound.set.rules.map((rule) => ({ ...rule, lacking: bound.lacking.get(rule.id) ?? [] }));
  return { opened: { name, text, rules }, bound };
}

function changedFile(
  before: OpenedRules | undefined,
  change: Exclude<RulesChange, { readonly text: string }>,
): Pick<OpenedRules, "name" | "text"> {
  if ("remove" in change) {
    const { name, text } = before ?? { name: "", text: NO_RULES };
    return { name, text: withoutRule(text, change.remove, name) };
  }
  const { name, text } = before ?? { name: change.name, text: NO_RULES };
  return { name, text: withRule(text, change.add, name) };
}
