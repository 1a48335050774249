import { type Document, isNode, isSeq, parseDocument, stringify, type YAMLSeq } from "yaml";
import { parseRules } from "./parse-rules.ts";
import type { Rule } from "./rule.ts";

/** The text of a file without rules. */
export const NO_RULES = "rules: []\n";

/** Where the library breaks no line. */
const ANY_WIDTH = { lineWidth: 0 };

/**
 * Writes a rule into the text of a file, before all others, so that none of these decides in its place. What else the file says stays, comments too;
 * JSON stays JSON.
 * @param source what messages call the file
 * @throws OddflowError RULES_INVALID where the text holds no rules, or the rule cannot be one of them
 */
export function withRule(text: string, rule: Rule, source: string): string {
  const { rules: others } = parseRules(text, source);
  const written = isJson(text) ? jsonText([rule, ...others]) : withNode(text, rule);
  parseRules(written, source);
  return written;
}

/**
 * Takes a rule out of the text of a file; the same text where it has no rule of that id.
 * @throws OddflowError RULES_INVALID where the text holds no rules
 */
export function withoutRule(text: string, id: string, source: string): string {
  const { rules: all } = parseRules(text, source);
  const place = all.findIndex((rule) => rule.id === id);
  if (place < 0) return text;
  const others = all.toSpliced(place, 1);
  if (isJson(text)) return jsonText(others);
  const { document, rules } = openRules(text);
  rules.delete(place);
  try {
    return document.toString(ANY_WIDTH);
  } catch {
    // Others say by an alias what this one said.
    return stringify({ rules: others }, { ...ANY_WIDTH, aliasDuplicateObjects: false });
  }
}

function withNode(text: string, rule: Rule): string {
  const { document, rules } = openRules(text);
  const [first] = rules.items;
  // What stands before the first rule is said of that one.
  if (isNode(first)) first.commentBefore = rules.commentBefore ?? null;
  rules.commentBefore = null;
  // An empty list has only the short form.
  if (first === undefined) rules.flow = false;
  rules.items.unshift(document.createNode(rule));
  return document.toString(ANY_WIDTH);
}

function openRules(text: string): { readonly document: Document; readonly rules: YAMLSeq } {
  const document = parseDocument(text, { version: "1.2" });
  const rules: unknown = document.get("rules");
  if (!isSeq(rules)) throw new Error("rules that were read are no list");
  return { document, rules };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function jsonText(rules: readonly Rule[]): string {
  return `${JSON.stringify({ rules }, null, 2)}\n`;
}
