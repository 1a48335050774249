import { type FlowRecord, fieldValue, type Ruling } from "@oddflow/preprocessing";
import { type BoundRules, bindRules, type LackingColumns, type RuleMatch } from "./bind-rules.ts";
import type { RuleSet } from "./rule.ts";

/** So many different sets of columns are remembered: sensors have a few. */
const MOST_KINDS = 64;

/** Rules for flows as records, whose columns may differ from one to the next. */
export class RecordRules {
  readonly #rules: RuleSet;
  readonly #bound = new Map<string, BoundRules>();

  constructor(rules: RuleSet) {
    this.#rules = rules;
  }

  /** As `BoundRules.ruling`. */
  ruling(record: FlowRecord): Ruling | undefined {
    const bound = this.#boundFor(record);
    return bound.ruling((place) => fieldValue(record, bound.columns[place] as string));
  }

  /** As `BoundRules.matches`. */
  matches(record: FlowRecord): readonly RuleMatch[] {
    const bound = this.#boundFor(record);
    return bound.matches((place) => fieldValue(record, bound.columns[place] as string));
  }

  /** As `BoundRules.lacking`, for a record's columns. */
  lacking(record: FlowRecord): readonly LackingColumns[] {
    return this.#boundFor(record).lacking;
  }

  #boundFor(record: FlowRecord): BoundRules {
    const columns = columnsOf(record, "");
    const kind = columns.join("\0");
    const known = this.#bound.get(kind);
    if (known !== undefined) return known;
    if (this.#bound.size === MOST_KINDS) this.#bound.clear();
    const bound = bindRules(this.#rules, columns);
    this.#bound.set(kind, bound);
    return bound;
  }
}

/** The names of a record's fields; of those of an object with its name and a dot before. */
function columnsOf(record: FlowRecord, outer: string): string[] {
  return Object.entries(record).flatMap(([name, value]) =>
    isObject(value) ? columnsOf(value, `${outer}${name}.`) : [outer + name],
  );
}

function isObject(value: unknown): value is FlowRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
