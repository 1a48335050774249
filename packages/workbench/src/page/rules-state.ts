import { type ReadonlySignal, signal } from "@preact/signals";
import type { OpenedRules, RulesChange } from "../rules/rules-in-use.ts";
import { ScoringFailure, type ScoringWorker } from "../scoring/scoring-worker.ts";

/** The rules in use, and what can be done about them. */
export interface RulesState {
  /** Undefined where there are none. */
  readonly opened: ReadonlySignal<OpenedRules | undefined>;
  /** @param change null forgets all rules. @returns why it was refused; undefined where the rules are now as was asked */
  change(change: RulesChange | null): Promise<string | undefined>;
}

/** The name of a file of rules that has no other. */
export const RULES_FILE = "rules.yaml";

export function createRules(worker: ScoringWorker): RulesState {
  const opened = signal<OpenedRules | undefined>(undefined);
  return {
    opened,
    async change(change) {
      try {
        opened.value = (await worker.ask("rules", change)) ?? undefined;
        return undefined;
      } catch (error) {
        if (!(error instanceof ScoringFailure)) throw error;
        return error.failure.message;
      }
    },
  };
}
