import type { ErrorCode } from "@oddflow/preprocessing";
import type { NetworkTask, TaskResult } from "./detector-network.ts";
import type { TrainingProgress } from "./train-network.ts";

/** Tells a thread to end its training after the running step. */
export const INTERRUPT = "interrupt";

/** Tells it to end as soon as it hears it. */
export const HALT_TRAINING = "halt";

/** What the thread is started with. */
export interface NetworkThreadStart {
  readonly task: NetworkTask;
  /** Whether the training was interrupted before it began. */
  readonly isInterrupted: boolean;
}

/** What it says: any number of progresses, then what became of the task. */
export type ThreadMessage =
  | { readonly progress: TrainingProgress }
  | { readonly result: TaskResult }
  | { readonly code: ErrorCode; readonly message: string };
