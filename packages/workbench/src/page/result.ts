import { DEFAULT_BUDGET } from "@oddflow/detector";
import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type ThresholdSetting, type TimeRange, thresholdOf } from "../choosing/alarms.ts";
import type { AlarmCounts, ChosenFlows } from "../choosing/chosen-flows.ts";
import type { ColumnFilter } from "../choosing/column-filter.ts";
import { patternsFor } from "../choosing/label-figures.ts";
import type { ScoredFlows } from "../scoring/scored-flows.ts";
import type { ScoringWorker } from "../scoring/scoring-worker.ts";
import { lastAsked } from "./last-asked.ts";
import { createRules, type RulesState } from "./rules-state.ts";
import { createSecond, type SecondState } from "./second-state.ts";
import { createView, type ShownView } from "./shown-view.ts";

/** A scored table and everything that can be chosen about it. What depends on a choice follows by itself, as the worker counts it. */
export interface Result {
  readonly flows: ScoredFlows;
  readonly worker: ScoringWorker;
  readonly budget: Signal<ThresholdSetting>;
  readonly filters: Signal<readonly ColumnFilter[]>;
  readonly range: Signal<TimeRange | undefined>;
  readonly anomaliesOnly: Signal<boolean>;
  /** Which labels are normal, as `--normal` takes them; empty for the usual words. */
  readonly normals: Signal<readonly string[]>;
  readonly threshold: ReadonlySignal<number>;
  /** The flows that pass the filters and lie in the time range. */
  readonly chosen: ReadonlySignal<ChosenFlows>;
  /** The alarms among them that no rule takes away. */
  readonly alarms: ReadonlySignal<AlarmCounts>;
  readonly rules: RulesState;
  readonly second: SecondState;
  readonly view: ShownView;
  /** Whether the counts are still those of an earlier choice. */
  readonly isBehind: ReadonlySignal<boolean>;
  /** Ends what follows the choices. */
  end(): void;
}

/** A file of rules. */
export interface RulesFile {
  readonly name: string;
  readonly text: string;
}

/** A share that most people can look through; the commands' default. */
const FIRST_BUDGET: ThresholdSetting = { kind: "share", share: DEFAULT_BUDGET };

/** @param file rules that were in use before */
export async function createResult(
  flows: ScoredFlows,
  worker: ScoringWorker,
  file: RulesFile | undefined,
): Promise<Result> {
  const rules = createRules(worker);
  if (file !== undefined) await rules.change({ name: file.name, text: file.text });
  const budget = signal<ThresholdSetting>(FIRST_BUDGET);
  const filters = signal<readonly ColumnFilter[]>([]);
  const range = signal<TimeRange | undefined>(undefined);
  const { oddest, model, time } = flows;
  const threshold = computed(() =>
    thresholdOf(budget.value, { oddest, heldBack: model.heldBack, rate: time?.rate }),
  );
  const asked = computed(() => ({
    choice: { filters: filters.value, range: range.value },
    rules: rules.opened.value,
    threshold: threshold.value,
  }));
  let known = asked.peek();
  const first = await worker.ask("choose", { ...known.choice, threshold: known.threshold });
  const chosen = signal(first.chosen);
  const alarms = signal(first.alarms);
  const counted = signal(known);
  const follow = lastAsked(async (next: typeof known) => {
    // Where only the threshold moved, the chosen flows stay what they are.
    const isSameChoice =
      next.choice.filters === known.choice.filters &&
      next.choice.range === known.choice.range &&
      next.rules === known.rules;
    const answer = isSameChoice
      ? { alarms: await worker.ask("alarms", next.threshold) }
      : await worker.ask("choose", { ...next.choice, threshold: next.threshold });
    known = next;
    batch(() => {
      if ("chosen" in answer) chosen.value = answer.chosen;
      alarms.value = answer.alarms;
      counted.value = next;
    });
  });
  const end = effect(() => {
    if (asked.value !== known) follow(asked.value);
  });
  return {
    flows,
    worker,
    budget,
    filters,
    range,
    anomaliesOnly: signal(false),
    normals: signal(flows.label === undefined ? [] : patternsFor(flows.label, model.normals)),
    threshold,
    chosen,
    alarms,
    rules,
    second: createSecond(worker),
    view: createView(),
    isBehind: computed(() => asked.value !== counted.value),
    end,
  };
}
