import type { Scorer } from "@oddflow/inference";
import {
  type CountedContext,
  contextSlices,
  countContext,
  type FlowTable,
  type RowRange,
} from "@oddflow/tables";
import { type AskedWorker, askingWorkers } from "./asked-workers.ts";
import type { ContextOrder } from "./scoring-task.ts";
import type { WorkerPool } from "./scoring-workers.ts";

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
  return askingWorkers(pool, signal, async (workers, failing) => {
    const slices = await contextSlices(table, context, ranges, workers.length + 1);
    const orders = slices.map((slice): ContextOrder => ({ kind: "context", slice }));
    const counted = await countSlices(orders, workers, ({ slice }) =>
      countContext(table, context, slice, failing),
    );
    return ranges.map((_, range) => counted.flatMap((blocks) => blocks[range] ?? []));
  });
}

/** Has slices counted, the first by this process. @returns each one's blocks */
export async function countSlices(
  [own, ...others]: readonly ContextOrder[],
  workers: readonly AskedWorker[],
  count: (order: ContextOrder) => Promise<readonly CountedContext[]>,
): Promise<readonly (readonly CountedContext[])[]> {
  if (own === undefined) throw new Error("score: a table without a stretch of time");
  const counting = others.map(async (order, k) => (await (workers[k] as AskedWorker).ask(order)).ranges);
  const counted = count(own);
  return Promise.all([counted, ...counting]).catch(async (thrown: unknown) => {
    // Whoever hears of it closes the table, of which nothing may be read then.
    await counted.catch(() => undefined);
    throw thrown;
  });
}
