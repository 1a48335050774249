import { DEFAULT_BUDGET } from "@oddflow/detector";
import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import {
  chooseRows,
  countAlarms,
  type FlowRate,
  flowRate,
  type ThresholdSetting,
  type TimeRange,
  thresholdOf,
} from "../choosing/alarms.ts";
import type { ColumnFilter } from "../choosing/column-filter.ts";
import { patternsFor } from "../choosing/label-figures.ts";
import type { ScoredFlows } from "../scoring/scored-flows.ts";
import type { ScoringWorker } from "../scoring/scoring-worker.ts";

/** A scored table and everything that can be chosen about it. What depends on a choice follows by itself. */
export interface Result {
  readonly flows: ScoredFlows;
  readonly worker: ScoringWorker;
  /** How fast flows come; absent where the table has no times, or none passes. */
  readonly rate: FlowRate | undefined;
  readonly budget: Signal<ThresholdSetting>;
  readonly filters: Signal<readonly ColumnFilter[]>;
  readonly range: Signal<TimeRange | undefined>;
  readonly anomaliesOnly: Signal<boolean>;
  /** Which labels are normal, as `--normal` takes them; empty for the usual words. */
  readonly normals: Signal<readonly string[]>;
  readonly threshold: ReadonlySignal<number>;
  /** Rows that pass the filters, whenever they were; the oddest first. */
  readonly filtered: ReadonlySignal<Uint32Array>;
  /** Rows that pass the filters and lie in the time range; the oddest first. */
  readonly chosen: ReadonlySignal<Uint32Array>;
  /** How many of the chosen rows are alarms: the first of them. */
  readonly alarms: ReadonlySignal<number>;
  /** Ends what follows the choices. */
  end(): void;
}

/** A share that most people can look through; the commands' default. */
const FIRST_BUDGET: ThresholdSetting = { kind: "share", share: DEFAULT_BUDGET };

export function createResult(flows: ScoredFlows, worker: ScoringWorker): Result {
  const rate = flows.time && flowRate(flows.time.seconds);
  const budget = signal<ThresholdSetting>(FIRST_BUDGET);
  const filters = signal<readonly ColumnFilter[]>([]);
  const range = signal<TimeRange | undefined>(undefined);
  const passes = signal<Uint8Array | undefined>(undefined);
  const threshold = computed(() =>
    thresholdOf(budget.value, { ...flows, heldBack: flows.model.heldBack, rate }),
  );
  const filtered = computed(() => chooseRows(flows.order, passes.value));
  const chosen = computed(() => chooseRows(filtered.value, undefined, flows.time?.seconds, range.value));
  const end = effect(() => {
    const asked = filters.value;
    if (asked.length === 0) {
      passes.value = undefined;
      return;
    }
    void worker.ask("filter", asked).then((answer) => {
      // An answer to a question that has been replaced in the meantime.
      if (filters.peek() === asked) passes.value = answer;
    });
  });
  return {
    flows,
    worker,
    rate,
    budget,
    filters,
    range,
    anomaliesOnly: signal(false),
    normals: signal(flows.label === undefined ? [] : patternsFor(flows.label, flows.model.normals)),
    threshold,
    filtered,
    chosen,
    alarms: computed(() => countAlarms(flows.scores, chosen.value, threshold.value)),
    end,
  };
}
