import { isSuppressed, type RuleVerdict, SCORE_COLUMN, wasScored } from "@oddflow/preprocessing";
import { bindRules, type RuleMatch, type RuleSet } from "@oddflow/rules";
import { checkScored } from "@oddflow/tables";
import { openFlows } from "../fetched-flows.ts";

/** What a rule does to alarms. */
export interface TestedRule {
  readonly id: string;
  readonly verdict: RuleVerdict;
  /** Alarms that it is about, and of these the ones that no rule before it is about. */
  matches: number;
  decides: number;
  /** Alarms that it takes away. */
  hides: number;
  /** Alarms that it was about before it expired. */
  expired: number;
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
    const tested = new Map(
      rules.map(({ id, verdict }): [string, TestedRule] => {
        const counts = { matches: 0, decides: 0, hides: 0, expired: 0 };
        return [id, { id, verdict, ...counts, lacking: lacking.get(id) ?? [] }];
      }),
    );
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
        if (!count(matches, tested)) left++;
      }
    }
    return { flows, alarms, left, rules: [...tested.values()] };
  } finally {
    table.close();
  }
}

/** Counts what rules say of an alarm. @returns whether it is taken away */
function count(matches: readonly RuleMatch[], tested: ReadonlyMap<string, TestedRule>): boolean {
  let decided: RuleMatch | undefined;
  for (const match of matches) {
    const rule = tested.get(match.ruling.rule);
    if (rule === undefined) continue;
    if (match.hasExpired) {
      rule.expired++;
      continue;
    }
    rule.matches++;
    if (decided !== undefined) continue;
    decided = match;
    rule.decides++;
    if (isSuppressed(match.ruling)) rule.hides++;
  }
  return isSuppressed(decided?.ruling);
}
