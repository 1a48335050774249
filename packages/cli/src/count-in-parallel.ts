import type { Scorer } from "@oddflow/inference";
import {
  type CountedContext,
  contextSlices,
  countContext,
  type FlowTable,
  type RowRange,
} from "@oddflow/tables";
import { receivedError } from "./scoring-messages.ts";
import { endWorkers, type WorkerPool, type WorkerProcess } from "./scoring-workers.ts";

export interface CountInParallelOptions {
  /** The table's, in their order. */
  readonly ranges: readonly RowRange[];
  readonly pool: WorkerPool;
  /** What this process counts with, beside the workers. */
  readonly table: FlowTable;
  readonly scorer: Scorer;
  readonly signal: AbortSignal;
}

/**
 * Counts the context of a table's flows before they are scored, each process that of a stretch of time. Workers have ended when
 * it throws.
 * @returns where each range's is; undefined where the model sees none
 * @throws what `contextSlices` and `countContext` throw, and workers; the signal's reason when it is aborted
 */
export async function countInParallel({
  ranges,
  pool,
  table,
  scorer,
  signal,
}: CountInParallelOptions): Promise<readonly CountedContext[] | undefined> {
  const { context } = scorer;
  if (context === undefined) return undefined;
  const failing = new AbortController();
  const stop = (): void => failing.abort(signal.reason);
  signal.addEventListener("abort", stop);
  try {
    signal.throwIfAborted();
    const [own, ...others] = await contextSlices(table, context, ranges, pool.workers.length + 1);
    if (own === undefined) throw new Error("score: a table without a stretch of time");
    const counting = others.map((slice, k) => {
      const worker = pool.workers[k] as WorkerProcess;
      worker.send({ kind: "context", slice });
      return countedBy(worker);
    });
    const all = [countContext(table, context, own, failing.signal), ...counting];
    for (const each of all) each.catch(() => failing.abort());
    const slices = await Promise.all(all);
    return ranges.map((_, range) => slices.flatMap((blocks) => blocks[range] ?? []));
  } catch (thrown) {
    failing.abort();
    await endWorkers(pool);
    signal.throwIfAborted();
    throw thrown;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function countedBy(worker: WorkerProcess): Promise<readonly CountedContext[]> {
  return new Promise((resolve, reject) => {
    worker.onMessage((message) => {
      if (message.kind === "counted") resolve(message.ranges);
      if (message.kind === "failed") reject(receivedError(message.failure));
    });
    worker.ended.then((thrown) =>
      reject(thrown ?? new Error("score: a worker ended before its flows were counted")),
    );
  });
}
