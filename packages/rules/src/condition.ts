import { hasAddress, type Network, parseAddress, parseNetwork } from "@oddflow/flow-sources";
import { globLetters, matchesGlob } from "./glob.ts";
import { comparedNumber, plainText } from "./plain-text.ts";
import type { Condition, NamedValue } from "./rule.ts";

/** Whether a value is as a rule says; false for one that is missing. */
export type ValueTest = (value: unknown) => boolean;

const TRUTHS: Readonly<Record<string, boolean>> = { true: true, t: true, false: false, f: false };

/** Makes the test of a condition. */
export function conditionTest(condition: Condition): ValueTest {
  if (typeof condition !== "object") return namedTest([condition]);
  if (isList(condition)) return namedTest(condition);
  if ("pattern" in condition) {
    const letters = globLetters(condition.pattern);
    return (value) => {
      const text = plainText(value);
      return text !== undefined && matchesGlob(letters, text);
    };
  }
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = condition;
  return (value) => {
    const number = comparedNumber(value);
    return number !== undefined && number >= from && number <= to;
  };
}

/** Makes the test of an end of a flow. @param hosts addresses and networks */
export function hostTest(hosts: string | readonly string[]): ValueTest {
  return namedTest(typeof hosts === "string" ? [hosts] : hosts);
}

function isList(condition: object): condition is readonly NamedValue[] {
  return Array.isArray(condition);
}

function namedTest(named: readonly NamedValue[]): ValueTest {
  const texts = new Set<string>();
  const truths = new Set<boolean>();
  const networks: Network[] = [];
  for (const own of named) {
    const network = typeof own === "string" ? parseNetwork(own.trim()) : undefined;
    if (network !== undefined) networks.push(network);
    else if (typeof own === "boolean") truths.add(own);
    else texts.add(plainText(own) ?? "");
  }
  return (value) => {
    const text = plainText(value);
    if (text === undefined) return false;
    if (texts.has(text)) return true;
    if (truths.size > 0 && hasTruth(truths, text)) return true;
    if (networks.length === 0) return false;
    const address = parseAddress(text);
    return address !== undefined && networks.some((network) => hasAddress(network, address));
  };
}

/** Sensors write a truth as T or F, too. */
function hasTruth(truths: ReadonlySet<boolean>, text: string): boolean {
  const lower = text.length <= 5 ? text.toLowerCase() : "";
  const truth = Object.hasOwn(TRUTHS, lower) ? TRUTHS[lower] : undefined;
  return truth !== undefined && truths.has(truth);
}
