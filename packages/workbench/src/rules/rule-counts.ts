import { isSuppressed } from "@oddflow/preprocessing";
import type { TableRules } from "./table-rules.ts";

/** What a rule does to the alarms of a table, as `oddflow rules test` counts it. */
export interface RuleCount {
  readonly id: string;
  /** Alarms that it is about, and of these the ones that no rule before it is about. */
  readonly matches: number;
  readonly decides: number;
  /** Alarms that it takes away. */
  readonly hides: number;
  /** Alarms that it was about before it expired. */
  readonly expired: number;
}

/** What rules do to alarms. */
export interface RuleCounts {
  /** Before any rule, and that no rule takes away. */
  readonly alarms: number;
  readonly left: number;
  /** In their order. */
  readonly rules: readonly RuleCount[];
}

/** @param odd the rows that are anomalies before any rule */
export function countRules(rules: TableRules, odd: Uint32Array): RuleCounts {
  const counts = rules.set.rules.map(({ id }) => ({ id, matches: 0, decides: 0, hides: 0, expired: 0 }));
  const byId = new Map(counts.map((count) => [count.id, count]));
  let left = 0;
  for (const row of odd) {
    const matches = rules.matches(row);
    const live = matches.filter(({ hasExpired }) => !hasExpired);
    for (const { ruling, hasExpired } of matches) {
      const count = byId.get(ruling.rule);
      if (count !== undefined) count[hasExpired ? "expired" : "matches"]++;
    }
    const decided = live[0]?.ruling;
    const count = decided && byId.get(decided.rule);
    if (count !== undefined) count.decides++;
    if (!isSuppressed(decided)) left++;
    else if (count !== undefined) count.hides++;
  }
  return { alarms: odd.length, left, rules: counts };
}
