import { isSuppressed, type Ruling } from "@oddflow/preprocessing";
import { bindRules, type RuleMatch, type RuleSet } from "@oddflow/rules";
import { cellValue, type FlowColumn, type FlowColumns } from "../reading/index.ts";

/** Rules for a table in memory. */
export interface TableRules {
  readonly set: RuleSet;
  /** Of rules that match nothing what they look at and the table lacks, by their ids. */
  readonly lacking: ReadonlyMap<string, readonly string[]>;
  /** One a row: 1 where a rule takes the alarm away that the row may raise. */
  readonly suppressed: Uint8Array;
  /** What the first rule says that is about a row; null where none is. */
  ruling(row: number): Ruling | null;
  /** All rules that are about a row, in their order, also those that have expired. */
  matches(row: number): readonly RuleMatch[];
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
    matches(own) {
      row = own;
      return bound.matches(value);
    },
  };
}
