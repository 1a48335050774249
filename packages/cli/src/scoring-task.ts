import type { LackingColumns, RuleSet } from "@oddflow/rules";
import type {
  ContextRun,
  ContextSlice,
  CountedContext,
  RowRange,
  ScoredTableOptions,
  ShardNotes,
  ShardPlace,
  ShardTarget,
  TextContext,
  TextShard,
  WrittenShard,
} from "@oddflow/tables";
import type { ScoreTableSummary } from "./score-table.ts";

/** What is the same for all shards of a run. */
export interface ScoringTask {
  /** The table's files. */
  readonly paths: readonly string[];
  readonly output: ScoredTableOptions;
  readonly threshold: number;
  /** As in `ScoreTableOptions`. */
  readonly top: number;
  readonly reasons: number;
  readonly rules?: RuleSet | undefined;
  readonly oddest: number;
}

/** Rows for a worker to score and to write. It can go from process to process. */
export type ShardOrder = RangeOrder | TextOrder;

/** Rows of an open table. */
export interface RangeOrder {
  readonly kind: "shard";
  readonly task: ScoringTask;
  readonly shard: number;
  readonly range: RowRange;
  /** The number of the range's first row in the table, from 0. */
  readonly firstRow: number;
  readonly target: ShardTarget;
  /** The rows' context, where the model sees one. */
  readonly counted?: CountedContext | undefined;
}

/** Rows of a file of text, which is not opened as a table. */
export interface TextOrder {
  readonly kind: "text";
  readonly shard: number;
  readonly text: TextShard;
  /** Where they are written to. */
  readonly place: ShardPlace;
  readonly threshold: number;
  readonly rules: RuleSet | undefined;
  readonly oddest: number;
  /** The rows' context, where the model sees one. */
  readonly context: TextContext | undefined;
}

/** Rows of a file of text to read what their context is counted from. */
export interface InputsOrder {
  readonly kind: "inputs";
  readonly text: TextShard;
  readonly hashKey: readonly [number, number];
  /** Where it is written to, behind what was written there before. */
  readonly path: string;
}

/** A stretch of time for a worker to count the context of. */
export interface ContextOrder {
  readonly kind: "context";
  readonly slice: ContextSlice;
  /** Of a table of text, what it is counted from. */
  readonly runs?: readonly ContextRun[] | undefined;
}

/** What came of an order. */
export interface FinishedShard {
  readonly summary: ScoreTableSummary;
  readonly written: WrittenShard;
  /** What JSON lines had beside flows. */
  readonly notes?: ShardNotes | undefined;
  /** What rules look at and a first flow of text lacks. */
  readonly lacking?: readonly LackingColumns[];
}
