import { ByRecordColumns, type FlowRecord, fieldValue, type Ruling } from "@oddflow/preprocessing";
import { type BoundRules, bindRules, type LackingColumns, type RuleMatch } from "./bind-rules.ts";
import type { RuleSet } from "./rule.ts";

/** Rules for flows as records, whose columns may differ from one to the next. */
export class RecordRules {
  readonly #bound: ByRecordColumns<BoundRules>;

  constructor(rules: RuleSet) {
    this.#bound = new ByRecordColumns((columns) => bindRules(rules, columns));
  }

  /** As `BoundRules.ruling`. */
  ruling(record: FlowRecord): Ruling | undefined {
    const bound = this.#bound.of(record);
    return bound.ruling((place) => fieldValue(record, bound.columns[place] as string));
  }

  /** As `BoundRules.matches`. */
  matches(record: FlowRecord): readonly RuleMatch[] {
    const bound = this.#bound.of(record);
    return bound.matches((place) => fieldValue(record, bound.columns[place] as string));
  }

  /** As `BoundRules.lacking`, for a record's columns. */
  lacking(record: FlowRecord): readonly LackingColumns[] {
    return this.#bound.of(record).lacking;
  }
}
