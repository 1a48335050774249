import { setImmediate } from "node:timers/promises";
import type { Scorer } from "@oddflow/inference";
import {
  countRuns,
  readTextInputs,
  type TemporaryFolder,
  type TextContext,
  type TextInputs,
  type TextTable,
  textSlices,
} from "@oddflow/tables";
import { type AskedWorker, askingWorkers } from "./asked-workers.ts";
import { countSlices } from "./count-in-parallel.ts";
import { randomKey } from "./live-context.ts";
import type { ContextOrder } from "./scoring-task.ts";
import type { WorkerPool } from "./scoring-workers.ts";

export interface CountTextOptions {
  readonly table: TextTable;
  readonly pool: WorkerPool;
  readonly scorer: Scorer;
  /** Where it is counted. */
  readonly folder: TemporaryFolder;
  readonly signal: AbortSignal;
}

/** So many shards a worker has at a time, so that it waits for nobody. */
const ORDERED_AHEAD = 2;

/**
 * Counts the context of a text table's flows before they are scored: each process reads what some shards' is counted from, then
 * counts that of a stretch of time. Workers have ended when it throws.
 * @returns each shard's; undefined where the model sees none
 * @throws NotPlainText; what `readTextInputs` and `countRuns` throw, and workers; the signal's reason when it is aborted
 */
export async function countTextInParallel({
  table,
  pool,
  scorer,
  folder,
  signal,
}: CountTextOptions): Promise<readonly TextContext[] | undefined> {
  const { context: spec, columns, ownColumns } = scorer;
  if (spec === undefined) return undefined;
  const hashKey = randomKey();
  return askingWorkers(pool, signal, async (workers, failing) => {
    const inputs = new Array<TextInputs>(table.shards.length);
    const shards = table.shards.entries();
    const pathOf = (process: number): string => `${folder.path}/inputs-${process}`;
    const readOwn = async (): Promise<void> => {
      for (const [shard, text] of shards) {
        failing.throwIfAborted();
        inputs[shard] = await readTextInputs(text, { spec, hashKey, path: pathOf(0) });
        await setImmediate();
      }
    };
    const ask = async (worker: AskedWorker, path: string): Promise<void> => {
      for (const [shard, text] of shards) {
        inputs[shard] = (await worker.ask({ kind: "inputs", text, hashKey, path })).inputs;
      }
    };
    await Promise.all([
      ...workers.flatMap((worker, k) =>
        Array.from({ length: ORDERED_AHEAD }, () => ask(worker, pathOf(k + 1))),
      ),
      readOwn(),
    ]);
    const slices = textSlices(inputs, spec, { folder: folder.path, processes: workers.length + 1 });
    const runs = inputs.map(({ run }) => run);
    const orders = slices.map((slice): ContextOrder => ({ kind: "context", slice, runs }));
    const counted = await countSlices(orders, workers, ({ slice }) => countRuns(runs, spec, slice, failing));
    const width = columns.length - ownColumns.length;
    return inputs.map(({ rows }, shard) => ({
      rows,
      width,
      counted: counted.flatMap((blocks) => blocks[shard] ?? []),
    }));
  });
}
