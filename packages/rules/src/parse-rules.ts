import { OddflowError } from "@oddflow/preprocessing";
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import type { RuleSet } from "./rule.ts";
import { type RuleProblem, ruleProblems } from "./rule-problems.ts";

/** Aliases make a large value of few letters; so many places at most may be made of one. */
const MOST_ALIASES = 100;

/**
 * Reads rules from the text of a file: YAML 1.2, of which JSON is a part.
 * @param source what messages call the file
 * @throws OddflowError RULES_INVALID, which names the first problem by its line and column
 */
export function parseRules(text: string, source: string): RuleSet {
  const lines = new LineCounter();
  const document = parseDocument(text, { version: "1.2", lineCounter: lines, prettyErrors: false });
  const place = (offset: number | undefined): string => {
    if (offset === undefined) return source;
    const { line, col } = lines.linePos(offset);
    return `${source}:${line}:${col}`;
  };
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) throw invalid(place(fault.pos[0]), `it is no YAML: ${firstLine(fault.message)}`);
  const value = readValue(document, source);
  const [problem, ...others] = ruleProblems(value);
  if (problem === undefined) return value as RuleSet;
  const more = others.length > 0 ? ` (and ${others.length} more)` : "";
  throw invalid(place(offsetOf(document, problem.path)), `${pathText(problem)}${problem.problem}${more}`);
}

function readValue(document: Document, source: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (cause) {
    // What aliases refer to is looked for here, and how often.
    if (cause instanceof Error) throw invalid(source, firstLine(cause.message), cause);
    throw cause;
  }
}

/** Where the key that a path ends with, or the nearest around it, begins. */
function offsetOf(document: Document, path: RuleProblem["path"]): number | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node = keyAt(document, path.slice(0, length)) ?? document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return undefined;
}

function keyAt(document: Document, path: RuleProblem["path"]): unknown {
  const outer: unknown = path.length === 0 ? undefined : document.getIn(path.slice(0, -1), true);
  if (!isMap(outer)) return undefined;
  return outer.items.find(({ key }) => isScalar(key) && String(key.value) === path.at(-1))?.key;
}

/** `rule 2, match.id.resp_p: ` */
function pathText({ path }: RuleProblem): string {
  const [list, place, ...rest] = path;
  if (list === undefined) return "";
  if (typeof place !== "number") return `${path.join(".")}: `;
  const inside = rest.map((key, k) =>
    typeof key === "number" ? `[${key + 1}]` : `${k > 0 ? "." : ""}${key}`,
  );
  return `rule ${place + 1}${inside.length > 0 ? `, ${inside.join("")}` : ""}: `;
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? "";
}

function invalid(place: string, problem: string, cause?: unknown): OddflowError {
  return new OddflowError(
    "RULES_INVALID",
    `read rules: ${place}: ${problem}`,
    cause === undefined ? {} : { cause },
  );
}
