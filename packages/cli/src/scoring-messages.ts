import { type ErrorCode, OddflowError } from "@oddflow/preprocessing";
import { type CountedContext, NotPlainText, type TextInputs } from "@oddflow/tables";
import type { ContextOrder, FinishedShard, InputsOrder, ShardOrder } from "./scoring-task.ts";

/** The files that are going to be scored, as they were named; the first message to a worker. */
export interface TableOrder {
  readonly kind: "table";
  readonly flows: readonly string[];
  /** What they hold, where somebody says so. */
  readonly from: string | undefined;
}

/** The model to score with. */
interface ModelOrder {
  readonly kind: "model";
  /** A model file's bytes. */
  readonly model: Uint8Array;
}

/** Ends the worker, also in the middle of a shard. */
interface EndOrder {
  readonly kind: "end";
}

export type OrderMessage = TableOrder | ModelOrder | InputsOrder | ContextOrder | ShardOrder | EndOrder;

export type WorkerReport =
  | { readonly kind: "progress"; readonly flows: number }
  | { readonly kind: "inputs"; readonly inputs: TextInputs }
  | { readonly kind: "counted"; readonly ranges: readonly CountedContext[] }
  | ({ readonly kind: "scored"; readonly shard: number } & FinishedShard)
  | { readonly kind: "failed"; readonly failure: SentError };

/** An error as it goes from process to process, which knows no classes. */
export type SentError =
  | { readonly code: ErrorCode; readonly message: string; readonly cause: unknown }
  /** It is no error: the file is to be opened as a table. */
  | { readonly notPlain: string }
  | { readonly thrown: unknown };

export function sentError(thrown: unknown): SentError {
  if (thrown instanceof NotPlainText) return { notPlain: thrown.message };
  if (!(thrown instanceof OddflowError)) return { thrown };
  return { code: thrown.code, message: thrown.message, cause: thrown.cause };
}

export function receivedError(failure: SentError): unknown {
  if ("notPlain" in failure) return new NotPlainText(failure.notPlain);
  if (!("code" in failure)) return failure.thrown;
  return new OddflowError(failure.code, failure.message, { cause: failure.cause });
}
