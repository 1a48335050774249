import { findAddressColumns, findTimeColumns, flowTime } from "@oddflow/flow-sources";
import type { Ruling } from "@oddflow/preprocessing";
import { conditionTest, hostTest, type ValueTest } from "./condition.ts";
import type { Rule, RuleSet } from "./rule.ts";
import { startOfDate, windowTest } from "./time-test.ts";

/** What a rule looks at and flows lack, in words: columns, or addresses or times of flows. */
export interface LackingColumns {
  readonly rule: string;
  readonly lacking: readonly string[];
}

/** How a rule is about a flow. */
export interface RuleMatch {
  readonly ruling: Ruling;
  /** Whether the rule says nothing of it any more. */
  readonly hasExpired: boolean;
}

/** Gives a value of a flow, by the place of its column among `BoundRules.columns`. */
export type FlowValues = (place: number) => unknown;

/** Rules for flows that have certain columns. */
export interface BoundRules {
  /** The columns of which values are asked for, each once. */
  readonly columns: readonly string[];
  /** Rules that match no flow, since flows lack what they look at. */
  readonly lacking: readonly LackingColumns[];
  /** What the first rule that matches a flow says of it. */
  ruling(values: FlowValues): Ruling | undefined;
  /** All rules that match, in their order, also those that have expired. */
  matches(values: FlowValues): readonly RuleMatch[];
}

/** Whether something holds of a flow. @param time when it was, in seconds since 1970; NaN where that is not known */
type FlowTest = (values: FlowValues, time: number) => boolean;

interface BoundRule {
  readonly ruling: Ruling;
  readonly tests: readonly FlowTest[];
  readonly looksAtTime: boolean;
  /** From when on it has expired. */
  readonly end: number;
}

/**
 * Makes rules ready for flows with these columns, as their table calls them; a field of an object has the object's name and a dot
 * before its own. Addresses and times are found by the names that sensors give them, as for a flow's context.
 * @param now by the clock, in milliseconds since 1970: for rules that expire, where a flow has no time
 */
export function bindRules(
  { rules }: RuleSet,
  columns: readonly string[],
  now: () => number = Date.now,
): BoundRules {
  const asked = new AskedColumns(columns);
  const lacking: LackingColumns[] = [];
  const bound: BoundRule[] = [];
  for (const rule of rules) {
    const own = boundRule(rule, asked);
    if ("lacking" in own) lacking.push({ rule: rule.id, lacking: own.lacking });
    else bound.push(own);
  }
  const needsTime = bound.some(({ looksAtTime }) => looksAtTime);
  const times = needsTime ? asked.times : [];
  const timeOf = (values: FlowValues): number => flowTime(times.map((place) => values(place)));
  const hasExpired = ({ end }: BoundRule, time: number): boolean =>
    end < Number.POSITIVE_INFINITY && (Number.isNaN(time) ? now() / 1000 : time) >= end;
  const holds = (rule: BoundRule, values: FlowValues, time: number): boolean =>
    rule.tests.every((test) => test(values, time));
  return {
    columns: asked.names,
    lacking,
    ruling(values) {
      const time = needsTime ? timeOf(values) : Number.NaN;
      return bound.find((rule) => !hasExpired(rule, time) && holds(rule, values, time))?.ruling;
    },
    matches(values) {
      const time = needsTime ? timeOf(values) : Number.NaN;
      return bound
        .filter((rule) => holds(rule, values, time))
        .map((rule) => ({ ruling: rule.ruling, hasExpired: hasExpired(rule, time) }));
    },
  };
}

/** The columns of flows that rules ask for. */
class AskedColumns {
  readonly names: string[] = [];
  readonly #columns: readonly string[];

  constructor(columns: readonly string[]) {
    this.#columns = columns;
  }

  /** A column's place among those that are asked for; undefined where flows lack it. */
  place(name: string): number | undefined {
    if (!this.#columns.includes(name)) return undefined;
    const known = this.names.indexOf(name);
    return known >= 0 ? known : this.names.push(name) - 1;
  }

  /** Of addresses of either end. */
  get hosts(): readonly number[] {
    return this.#places(findAddressColumns(this.#columns));
  }

  /** Of what may say when a flow was, the likeliest first. */
  get times(): readonly number[] {
    return this.#places(findTimeColumns(this.#columns));
  }

  #places(names: readonly string[]): readonly number[] {
    return names.flatMap((name) => this.place(name) ?? []);
  }
}

function boundRule(rule: Rule, asked: AskedColumns): BoundRule | { readonly lacking: readonly string[] } {
  const { id, verdict, match = {}, host, during, expires } = rule;
  const lacking: string[] = [];
  const tests: FlowTest[] = [];
  for (const [column, condition] of Object.entries(match)) {
    const place = asked.place(column);
    if (place === undefined) lacking.push(column);
    else tests.push(valueTest(place, conditionTest(condition)));
  }
  if (host !== undefined) {
    const places = asked.hosts;
    const isHost = hostTest(host);
    if (places.length === 0) lacking.push("addresses of source and destination");
    else tests.push((values) => places.some((place) => isHost(values(place))));
  }
  if (during !== undefined) {
    const isIn = windowTest(during);
    if (asked.times.length === 0) lacking.push("a time");
    else tests.push((_, time) => !Number.isNaN(time) && isIn(time));
  }
  if (lacking.length > 0) return { lacking };
  const looksAtTime = during !== undefined || expires !== undefined;
  const end = expires === undefined ? Number.POSITIVE_INFINITY : startOfDate(expires);
  return { ruling: { rule: id, verdict }, tests, looksAtTime, end };
}

function valueTest(place: number, test: ValueTest): FlowTest {
  return (values) => test(values(place));
}
