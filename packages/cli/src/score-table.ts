import { type Scorer, scoreRows, Verdict } from "@oddflow/inference";
import { countSuppressed, type ScoredRows } from "@oddflow/preprocessing";
import { bindRules, type RuleSet } from "@oddflow/rules";
import type { CountedContext, FlowTable, RowRange } from "@oddflow/tables";
import { addCounts } from "./add-counts.ts";
import { flowBlocks } from "./flow-blocks.ts";
import { InputQuality } from "./input-quality.ts";
import { OddestFlows, type OddFlow } from "./oddest-flows.ts";

export interface ScoreTableOptions {
  /** A flow whose score is this or more is an anomaly. */
  readonly threshold: number;
  /** How many columns to name for each flow; 0 for none. */
  readonly top: number;
  /** How many reasons to give for each anomaly; none where it is absent. */
  readonly reasons?: number;
  /** What is said of alarms; absent where there are no rules. */
  readonly rules?: RuleSet | undefined;
  /** How many of the oddest flows to keep, of those that no rule says are no alarms. */
  readonly oddest: number;
  /** Scores these rows only; the first has this number, from 0, in the table. */
  readonly shard?: {
    readonly range: RowRange;
    readonly firstRow: number;
    /** The rows' context, where the model sees one. */
    readonly counted?: CountedContext | undefined;
  };
  readonly signal?: AbortSignal;
  readonly onProgress?: (flows: number) => void;
  /** Gets the rows in their order, a few thousand at a time; the arrays are used again afterwards. */
  readonly onScores?: (rows: ScoredRows) => Promise<void> | void;
}

export interface ScoreTableSummary {
  readonly flows: number;
  /** Without those that rules take away. */
  readonly alerts: number;
  /** How many alarms each rule took away, by its id. */
  readonly suppressed: ReadonlyMap<string, number>;
  readonly missing: number;
  /** Column to the number of values that its vocabulary lacks. */
  readonly unseen: ReadonlyMap<string, number>;
  /** Numbered from the first row that was scored. */
  readonly oddest: readonly OddFlow[];
}

/**
 * Scores every row of a table, or of a range of it, in its order.
 * @throws what the table's scan throws; what `Scorer.explain` throws, where reasons are asked for; the signal's reason when
 * it is aborted.
 */
export async function scoreTable(
  table: FlowTable,
  scorer: Scorer,
  options: ScoreTableOptions,
): Promise<ScoreTableSummary> {
  const { columns } = scorer;
  const oddest = new OddestFlows(options.oddest, columns.length);
  const quality = new InputQuality(columns);
  const { rules } = options;
  const source = flowBlocks(table, scorer, {
    range: options.shard?.range,
    counted: options.shard?.counted,
    signal: options.signal,
    rules:
      rules &&
      bindRules(
        rules,
        table.columns.map(({ name }) => name),
      ),
    quality,
  });
  const suppressed = new Map<string, number>();
  let alerts = 0;
  let done = 0;
  for await (const rows of scoreRows(source, scorer, new Verdict(options.threshold), {
    top: options.top,
    reasons: options.reasons ?? 0,
    firstRow: options.shard?.firstRow ?? 0,
  })) {
    alerts += rows.anomalies;
    addCounts(suppressed, countSuppressed(rows.rulings));
    oddest.add(done, rows, rows.block.flows);
    await options.onScores?.(rows);
    done += rows.score.length;
    options.onProgress?.(done);
  }
  const { missing, unseen } = quality;
  return { flows: done, alerts, suppressed, missing, unseen, oddest: oddest.flows };
}
