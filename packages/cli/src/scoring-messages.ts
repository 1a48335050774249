import { type ErrorCode, OddflowError } from "@oddflow/preprocessing";
import type { PartTarget, RowRange, ScoredTableOptions } from "@oddflow/tables";
import type { FinishedPart } from "./score-part.ts";

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

/** The files that are going to be scored, as they were named; the first message to a worker. */
export interface TableOrder {
  readonly kind: "table";
  readonly flows: readonly string[];
}

/** The model to score with. */
export interface ModelOrder {
  readonly kind: "model";
  /** A model file's bytes. */
  readonly model: Uint8Array;
}

/** Rows for a worker to score and to write. */
export interface PartOrder {
  readonly kind: "part";
  readonly task: ScoringTask;
  readonly part: number;
  readonly range: RowRange;
  /** The number of the range's first row in the table, from 0. */
  readonly firstRow: number;
  readonly target: PartTarget;
}

/** Ends the worker, also in the middle of a part. */
export interface EndOrder {
  readonly kind: "end";
}

export type OrderMessage = TableOrder | ModelOrder | PartOrder | EndOrder;

export type WorkerMessage =
  | { readonly kind: "progress"; readonly flows: number }
  | ({ readonly kind: "scored"; readonly part: number } & FinishedPart)
  | { readonly kind: "failed"; readonly failure: Failure };

/** An error as it goes from process to process, which knows no classes. */
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
