import { type RuleVerdict, SCORE_COLUMN, wasScored } from "@oddflow/preprocessing";
import { bindRules, type Rule, type RuleCount, RuleCounts, type RuleSet } from "@oddflow/rules";
import { checkScored } from "@oddflow/tables";
import { openFlows } from "../fetched-flows.ts";

/** What a rule does to alarms. */
export interface TestedRule extends RuleCount {
  readonly verdict: RuleVerdict;
  /** What it looks at and the flows lack; empty where they lack nothing. */
  readonly lacking: readonly string[];
}

/** What rules do to the alarms of scored flows. */
export interface RuleReport {
  readonly flows: number;
  /** Before any rule. */
  readonly alarms: number;
  /** That no rule takes away. */
  readonly left: number;
  readonly rules: readonly TestedRule[];
}

/** @throws what opening and scanning a table throws; OddflowError COLUMNS_MISSING for one that was not scored */
export async function testRules(
  { rules }: RuleSet,
  scored: readonly string[],
  signal: AbortSignal,
): Promise<RuleReport> {
  const table = await openFlows(scored, { from: undefined, signal });
  try {
    const names = table.columns.map(({ name }) => name);
    checkScored("test rules", names, table.paths[0] ?? "");
    const bound = bindRules({ rules }, names);
    const lacking = new Map(bound.lacking.map((own) => [own.rule, own.lacking]));
    const counts = new RuleCounts({ rules });
    const { isAnomaly, ruleVerdict } = SCORE_COLUMN;
    const asked = [isAnomaly, ...(names.includes(ruleVerdict) ? [ruleVerdict] : [])];
    let [flows, alarms, left] = [0, 0, 0];
    for await (const batch of table.scan([], { values: [...asked, ...bound.columns], signal })) {
      flows += batch.rows;
      for (let row = 0; row < batch.rows; row++) {
        const verdict = asked.length > 1 ? batch.value(row, 1) : undefined;
        if (!wasScored(batch.value(row, 0), verdict).isOdd) continue;
        alarms++;
        const matches = bound.matches((place) => batch.value(row, asked.length + place));
        if (!counts.add(matches)) left++;
      }
    }
    const tested = counts.rules.map(({ id, ...own }, place): TestedRule => {
      const { verdict } = rules[place] as Rule;
      return { id, verdict, ...own, lacking: lacking.get(id) ?? [] };
    });
    return { flows, alarms, left, rules: tested };
  } finally {
    table.close();
  }
}
