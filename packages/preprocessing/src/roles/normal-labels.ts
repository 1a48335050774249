import { isNormalName } from "./label-words.ts";

/**
 * Tells which labels are of normal traffic: those that some pattern matches as a whole, letter case and space around aside, `*`
 * for any letters and `?` for one; without patterns, those that `isNormalName` knows.
 */
export function normalLabels(patterns: readonly string[]): (label: string) => boolean {
  if (patterns.length === 0) return isNormalName;
  const expressions = patterns.map(expressionOf);
  return (label) => expressions.some((expression) => expression.test(label.trim()));
}

/** What may be said in a label of traffic that nobody attacks with, the likeliest first. */
const HINTS = [/normal/i, /benign/i, /legit/i, /background/i];

/** A pattern that names a label, and those that begin alike, for an example: one that looks normal, or the first. */
export function examplePattern(labels: readonly string[]): string | undefined {
  for (const hint of HINTS) {
    for (const label of labels) {
      const found = hint.exec(label);
      const end = found === null ? label.length : found.index + found[0].length;
      if (found !== null) return end < label.length ? `${label.slice(0, end)}*` : label;
    }
  }
  return labels[0];
}

function expressionOf(pattern: string): RegExp {
  const parts = pattern
    .trim()
    .split(/([*?])/)
    .map((part) => (part === "*" ? ".*" : part === "?" ? "." : part.replace(/[\\^$.|+()[\]{}/]/g, "\\$&")));
  return new RegExp(`^${parts.join("")}$`, "isu");
}
