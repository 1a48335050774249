import { isSuppressed, type Ruling } from "@oddflow/preprocessing";
import { bindRules, type RuleCount, RuleCounts, type RuleSet } from "@oddflow/rules";
import { cellValue, type FlowColumn, type FlowColumns } from "../reading/index.ts";

/** What rules do to alarms, as `oddflow rules test` counts it. */
export interface CountedRules {
  /** Before any rule, and that no rule takes away. */
  readonly alarms: number;
  readonly left: number;
  /** In their order. */
  readonly rules: readonly RuleCount[];
}

/** Rules for a table in memory. */
export interface TableRules {
  readonly set: RuleSet;
  /** Of rules that match nothing what they look at and the table lacks, by their ids. */
  readonly lacking: ReadonlyMap<string, readonly string[]>;
  /** One a row: 1 where a rule takes the alarm away that the row may raise. */
  readonly suppressed: Uint8Array;
  /** What the first rule says that is about a row; null where none is. */
  ruling(row: number): Ruling | null;
  /** @param odd the rows that are anomalies before any rule */
  count(odd: Uint32Array): CountedRules;
}

/** Asks the rules of every row once, whatever it scores: thresholds move more often than rules change. */
export function applyRules(set: RuleSet, table: FlowColumns): TableRules {
  const names = table.columns.map(({ name }) => name);
  const bound = bindRules(set, names);
  const columns = bound.columns.map(
    (name) => table.columns.find((column) => column.name === name) as FlowColumn,
  );
  let row = 0;
  const value = (place: number): unknown => cellValue(columns[place] as FlowColumn, row);
  const places = new Map(set.rules.map(({ id }, place) => [id, place]));
  const rulings = set.rules.map(({ id, verdict }): Ruling => ({ rule: id, verdict }));
  /** 0 where no rule is about the row, else one more than the rule's place. */
  const deciding = new Uint32Array(table.rows);
  const suppressed = new Uint8Array(table.rows);
  for (row = 0; row < table.rows; row++) {
    const ruling = bound.ruling(value);
    if (ruling === undefined) continue;
    deciding[row] = 1 + (places.get(ruling.rule) ?? 0);
    suppressed[row] = Number(isSuppressed(ruling));
  }
  return {
    set,
    lacking: new Map(bound.lacking.map(({ rule, lacking }) => [rule, lacking])),
    suppressed,
    ruling: (own) => rulings[(deciding[own] as number) - 1] ?? null,
    count(odd) {
      const counts = new RuleCounts(set);
      let left = 0;
      for (row of odd) if (!counts.add(bound.matches(value))) left++;
      return { alarms: odd.length, left, rules: counts.rules };
    },
  };
}
