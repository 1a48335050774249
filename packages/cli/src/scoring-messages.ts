import { type ErrorCode, OddflowError } from "@oddflow/preprocessing";
import type { RowRange, ScoredTableOptions } from "@oddflow/tables";
import type { ScoreTableSummary } from "./score-table.ts";

/** What is the same for all parts of a run. */
export interface ScoringTask {
  /** The table's files. */
  readonly paths: readonly string[];
  readonly output: ScoredTableOptions;
  readonly threshold: number;
  /** As in `ScoreTableOptions`. */
  readonly top: number;
  readonly reasons: number;
  readonly oddest: number;
}

/** Rows for a worker to score and to write. */
export interface PartOrder {
  readonly task: ScoringTask;
  readonly part: number;
  readonly range: RowRange;
  /** The number of the range's first row in the table, from 0. */
  readonly firstRow: number;
  /** The part's file. */
  readonly path: string;
}

/** Undefined ends the worker, also in the middle of a part. */
export type OrderMessage = PartOrder | undefined;

export type WorkerMessage =
  | { readonly kind: "progress"; readonly flows: number }
  | { readonly kind: "scored"; readonly part: number; readonly summary: ScoreTableSummary }
  | { readonly kind: "failed"; readonly failure: Failure };

/** An error as it goes from thread to thread, which knows no classes. */
export type Failure =
  | { readonly code: ErrorCode; readonly message: string; readonly cause: unknown }
  | { readonly thrown: unknown };

export function asFailure(thrown: unknown): Failure {
  if (!(thrown instanceof OddflowError)) return { thrown };
  return { code: thrown.code, message: thrown.message, cause: thrown.cause };
}

export function fromFailure(failure: Failure): unknown {
  if (!("code" in failure)) return failure.thrown;
  return new OddflowError(failure.code, failure.message, { cause: failure.cause });
}
