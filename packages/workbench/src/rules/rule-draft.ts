import { findFlowEnds } from "@oddflow/flow-sources";
import type { RuleVerdict } from "@oddflow/preprocessing";
import type { Condition, Rule } from "@oddflow/rules";
import { cellValue, type FlowColumns } from "../reading/index.ts";

/** A condition that a rule may have which is written from a flow. */
export interface RuleCandidate {
  readonly column: string;
  readonly condition: Condition;
  /** Whether a rule has it if nobody chooses. */
  readonly isChosen: boolean;
}

/** What a rule is written from. */
export interface DraftedFlow {
  readonly table: FlowColumns;
  readonly row: number;
  /** The columns that made the flow odd, the most telling first. */
  readonly reasons: readonly string[];
  /** Whether a column of numbers stands for kinds: of these a rule names the value, of amounts a range. */
  isKind(column: string): boolean;
}

/** So many columns that made the flow odd are offered, and so many are chosen. */
const MOST_REASONS = 5;
const CHOSEN_REASONS = 2;

/** Longer texts say what one flow was, not what some have in common. */
const LONGEST_TEXT = 200;

/**
 * The conditions that a rule for flows like this one may have: its source and what made it odd, which are chosen, then the other end, the
 * service's port and the protocol, which are chosen where nothing that made it odd can be named. Of amounts a rule takes those from half to twice as much.
 */
export function ruleCandidates({ table, row, reasons, isKind }: DraftedFlow): readonly RuleCandidate[] {
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const ends = findFlowEnds([...byName.keys()]);
  const found = new Map<string, RuleCandidate>();
  const add = (name: string, isExact: boolean, isChosen: boolean): boolean => {
    const column = byName.get(name);
    const condition = column && conditionOf(cellValue(column, row), isExact);
    if (condition === undefined || found.has(name)) return false;
    found.set(name, { column: name, condition, isChosen });
    return true;
  };
  const addFirst = (names: readonly string[], isChosen: boolean): boolean =>
    names.some((name) => add(name, true, isChosen));
  addFirst(ends.source, true);
  let named = 0;
  const exact = new Set([...ends.destination, ...ends.port, ...ends.sourcePort, ...ends.protocol]);
  for (const name of reasons) {
    if (named < MOST_REASONS && add(name, exact.has(name) || isKind(name), named < CHOSEN_REASONS)) named++;
  }
  for (const names of [ends.destination, ends.port, ends.protocol]) addFirst(names, named === 0);
  return [...found.values()];
}

function conditionOf(value: unknown, isExact: boolean): Condition | undefined {
  switch (typeof value) {
    case "boolean":
      return value;
    case "bigint":
      return String(value);
    case "number":
      if (!Number.isFinite(value)) return undefined;
      if (isExact || value === 0)
        return Number.isSafeInteger(value) || !Number.isInteger(value) ? value : String(value);
      return rangeAround(value);
    case "string": {
      // A rule takes what looks like a network for the addresses in it.
      const isPlain =
        value.trim() !== "" && value.length <= LONGEST_TEXT && !/^[^/]+\/\d+$/.test(value.trim());
      return isPlain ? value : undefined;
    }
    default:
      return undefined;
  }
}

/** From half to twice as much, in two digits, which the number itself is always within; no rule names more than the largest number. */
function rangeAround(value: number): Condition {
  const largest = Number.MAX_VALUE;
  const ends = [value / 2, value * 2].map((end) =>
    Math.max(-largest, Math.min(largest, Number(end.toPrecision(2)))),
  );
  return { from: Math.min(...ends), to: Math.max(...ends) };
}

/** What a person has chosen. */
export interface RuleChoice {
  readonly verdict: RuleVerdict;
  readonly candidates: readonly RuleCandidate[];
  readonly comment: string;
  /** The ids of other rules. */
  readonly taken: readonly string[];
}

/** What an id may be made of, and how long it may be. */
const NO_ID = /[^A-Za-z0-9._-]+/g;
const LONGEST_ID = 64;

/** Makes a rule of some candidates, one or more. */
export function makeRule({ verdict, candidates, comment, taken }: RuleChoice): Rule {
  const [first, ...others] = candidates;
  const value = typeof first?.condition === "object" ? first.column : String(first?.condition);
  const words = [verdict, value, ...others.slice(0, 2).map(({ column }) => column)];
  const base = words
    .join("-")
    .replace(NO_ID, "-")
    .slice(0, LONGEST_ID - 5);
  let id = base;
  for (let count = 2; taken.includes(id); count++) id = `${base}-${count}`;
  const match = Object.fromEntries(candidates.map(({ column, condition }) => [column, condition]));
  return { id, verdict, comment, match };
}
