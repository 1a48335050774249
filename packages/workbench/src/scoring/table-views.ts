import {
  type CompareRequest,
  compareModels,
  type ModelComparison,
  type SecondModel,
  type SecondSummary,
  scoreBySecond,
} from "../comparison/second-model.ts";
import { type NoHosts, type ShownHosts, scoreTableHosts } from "../hosts/shown-hosts.ts";
import { findIncidents, type NoIncidents, type ShownIncidents } from "../incidents/table-incidents.ts";
import { type RuleCandidate, ruleCandidates } from "../rules/rule-draft.ts";
import type { OpenedRules, RulesChange, RulesInUse } from "../rules/rules-in-use.ts";
import type { CountedRules } from "../rules/table-rules.ts";
import type { ModelChoice, Progress, Questions, WebProvider } from "./messages.ts";
import { openModel } from "./open-model.ts";
import type { ScoredTable } from "./scored-table.ts";
import { shownReasons } from "./shown-reasons.ts";

/** Reasons that a rule may be written from, and reasons that are shown of a flow that changed sides. */
const DRAFT_REASONS = 8;
const CHANGED_REASONS = 3;

/** What else is asked of a scored table: rules, hosts, incidents, a second model. All of it is computed where the table is. */
export class TableViews {
  readonly #scored: ScoredTable;
  #rules: RulesInUse | undefined;
  #second: SecondModel | undefined;

  constructor(scored: ScoredTable) {
    this.#scored = scored;
  }

  /** @param change null forgets all rules. @throws what `changeRules` throws; then all stays as it was */
  async changeRules(change: RulesChange | null): Promise<OpenedRules | null> {
    if (change === null) this.#rules = undefined;
    else {
      // What reads YAML is loaded when somebody has rules.
      const { changeRules } = await import("../rules/rules-in-use.ts");
      this.#rules = changeRules(this.#scored.table, this.#rules, change);
    }
    this.#scored.rules = this.#rules?.bound;
    return this.#rules?.opened ?? null;
  }

  ruleCounts({ threshold }: Questions["ruleCounts"]["question"]): CountedRules | null {
    return this.#rules?.bound.count(this.#scored.oddRows(threshold)) ?? null;
  }

  async ruleDraft(row: number): Promise<readonly RuleCandidate[]> {
    const { table, scorer } = this.#scored;
    const kinds = new Set(
      scorer.ownColumns.filter(({ kind }) => kind === "category").map(({ name }) => name),
    );
    const [reasons = []] = await this.#scored.reasons([row], DRAFT_REASONS);
    return ruleCandidates({
      table,
      row,
      reasons: reasons.map(({ column }) => column),
      isKind: (column) => kinds.has(column),
    });
  }

  hosts({ threshold, ...request }: Questions["hosts"]["question"]): ShownHosts | NoHosts {
    return scoreTableHosts(this.#scored.judged(threshold), request);
  }

  incidents({ threshold, entity }: Questions["incidents"]["question"]): ShownIncidents | NoIncidents {
    return findIncidents(this.#scored.judged(threshold), entity);
  }

  /** @throws what `openModel` and `scoreBySecond` throw; then the second model before stays */
  async openSecond(
    model: ModelChoice,
    provider: WebProvider,
    tell: (progress: Progress) => void,
  ): Promise<SecondSummary> {
    const { table } = this.#scored;
    const scorer = await openModel(model, provider);
    let second: SecondModel;
    try {
      second = await scoreBySecond(table, scorer, model.name, (rows) =>
        tell({ stage: "scoring", rows, of: table.rows }),
      );
    } catch (thrown) {
      await scorer.close();
      throw thrown;
    }
    const before = this.#second;
    this.#second = second;
    await before?.scorer.close();
    return second.opened;
  }

  compare(request: CompareRequest): Promise<ModelComparison> {
    const second = this.#second;
    if (second === undefined) throw new Error("there is no second model");
    const scored = this.#scored;
    const { scorer, encoded } = second;
    return compareModels(
      {
        old: {
          scores: scored.judged(request.thresholds.old).scores,
          rarity: (score) => scored.scorer.thresholds.rarityOf(score),
          reasons: (rows) => scored.reasons(rows, CHANGED_REASONS),
        },
        new: {
          scores: second.scores,
          rarity: (score) => scorer.thresholds.rarityOf(score),
          reasons: (rows) => shownReasons(scored.table, scorer, encoded, rows, CHANGED_REASONS),
        },
      },
      {
        labels: scored.uses.label,
        suppressed: scored.rules?.suppressed,
        identifiers: (row) => scored.identifiers(row),
      },
      request,
    );
  }
}
