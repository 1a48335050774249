import { isSuppressed } from "@oddflow/preprocessing";
import type { RuleMatch } from "./bind-rules.ts";
import type { RuleSet } from "./rule.ts";

/** What a rule does to alarms. */
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

/** Counts what each rule of a file does to alarms. */
export class RuleCounts {
  readonly #counts: ReadonlyMap<string, { -readonly [Key in keyof RuleCount]: RuleCount[Key] }>;

  constructor({ rules }: RuleSet) {
    this.#counts = new Map(rules.map(({ id }) => [id, { id, matches: 0, decides: 0, hides: 0, expired: 0 }]));
  }

  /** In the order of the rules. */
  get rules(): readonly RuleCount[] {
    return [...this.#counts.values()];
  }

  /** @param matches what `BoundRules.matches` says of an alarm. @returns whether rules take it away */
  add(matches: readonly RuleMatch[]): boolean {
    let decided: RuleMatch | undefined;
    for (const match of matches) {
      const count = this.#counts.get(match.ruling.rule);
      if (count === undefined) continue;
      if (match.hasExpired) {
        count.expired++;
        continue;
      }
      count.matches++;
      if (decided !== undefined) continue;
      decided = match;
      count.decides++;
      if (isSuppressed(match.ruling)) count.hides++;
    }
    return isSuppressed(decided?.ruling);
  }
}
