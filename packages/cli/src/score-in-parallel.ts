import { addCounts } from "./add-counts.ts";
import { OddestFlows } from "./oddest-flows.ts";
import type { ScoreShardOptions } from "./score-shard.ts";
import type { ScoreTableSummary } from "./score-table.ts";
import { receivedError } from "./scoring-messages.ts";
import type { FinishedShard, ShardOrder } from "./scoring-task.ts";
import { endWorkers, type WorkerPool, type WorkerProcess } from "./scoring-workers.ts";

/**
 * While so many shards a worker are left, each has its next shard before it has done with one, and waits for nobody. After
 * that, whoever is free takes the next.
 */
const ORDERED_AHEAD = 3;

/** Milliseconds between two looks at how far the workers are. */
const PROGRESS_INTERVAL = 200;

/** A table that is cut into shards, to be scored by several processes. */
export interface ShardedTable {
  readonly shards: number;
  /** What a worker is told of a shard. Shards are asked for in their order. */
  order(shard: number): ShardOrder;
  /** Scores a shard in this process. */
  score(order: ShardOrder, options: ScoreShardOptions): Promise<FinishedShard>;
  /** Puts what was written of a shard behind what was written of those before. One call at a time. */
  append(shard: number, finished: FinishedShard): Promise<void>;
}

export interface ScoreInParallelOptions {
  /** Its workers have been told to end when the scores are there. */
  readonly pool: WorkerPool;
  /** How many of the oddest flows to keep. */
  readonly oddest: number;
  readonly signal: AbortSignal;
  readonly onProgress: (flows: number) => void;
}

/**
 * Scores the shards of a table in processes that share nothing, each with its own scan, session and output, and puts what
 * they write together in the table's order. The scores are those of `scoreTable`, to the last bit. All workers have been
 * told to end when it returns, and have ended when it throws.
 * @throws what a worker throws; the signal's reason when it is aborted.
 */
export async function scoreInParallel(
  table: ShardedTable,
  { pool, oddest, signal, onProgress }: ScoreInParallelOptions,
): Promise<ScoreTableSummary> {
  const summaries: ScoreTableSummary[] = [];
  const joining = new InOrder<FinishedShard>((shard, finished) => table.append(shard, finished));
  const failing = new AbortController();
  let ordered = 0;
  let ownFlows = 0;
  let problem: { readonly thrown: unknown } | undefined;
  let ending: Promise<void> = Promise.resolve();

  const fail = (thrown: unknown): void => {
    if (problem !== undefined) return;
    problem = { thrown };
    failing.abort();
    ending = endWorkers(pool);
  };
  const nextOrder = (): ShardOrder | undefined =>
    ordered === table.shards || problem !== undefined ? undefined : table.order(ordered++);
  const done = (shard: number, finished: FinishedShard): void => {
    summaries[shard] = finished.summary;
    joining.done(shard, finished).catch(fail);
  };
  /** Gives a worker shards until there are no more, or it ends. */
  const feedWorker = (worker: WorkerProcess): Promise<void> =>
    new Promise((resolve) => {
      let waiting = 0;
      const order = (): void => {
        const isEarly = table.shards - ordered > ORDERED_AHEAD * (pool.workers.length + 1);
        while (waiting < (isEarly ? 2 : 1)) {
          const next = nextOrder();
          worker.send(next ?? { kind: "end" });
          if (next === undefined) {
            resolve();
            return;
          }
          waiting++;
        }
      };
      worker.onMessage((message) => {
        if (message.kind === "failed") fail(receivedError(message.failure));
        if (message.kind !== "scored") return;
        waiting--;
        // First, since adding a shard to the file takes time.
        order();
        done(message.shard, message);
      });
      worker.ended.then((thrown) => {
        if (thrown !== undefined) fail(thrown);
        resolve();
      });
      order();
    });
  const onScored = (flows: number): void => {
    ownFlows += flows;
  };
  const scoreOwn = async (): Promise<void> => {
    for (let order = nextOrder(); order !== undefined; order = nextOrder()) {
      done(order.shard, await table.score(order, { signal: failing.signal, onScored }));
    }
  };
  const stop = (): void => fail(signal.reason);

  signal.addEventListener("abort", stop);
  const looking = setInterval(() => onProgress(pool.scored() + ownFlows), PROGRESS_INTERVAL);
  try {
    if (signal.aborted) stop();
    await Promise.all([...pool.workers.map(feedWorker), scoreOwn().catch(fail)]);
    await joining.idle().catch(fail);
    await ending;
  } finally {
    clearInterval(looking);
    signal.removeEventListener("abort", stop);
  }
  if (problem !== undefined) throw (problem as { readonly thrown: unknown }).thrown;
  if (joining.count !== table.shards) throw new Error("score: a worker ended before its shard was scored");
  return sumUp(summaries, oddest);
}

/** Does something for each of 0, 1, 2, ..., in this order and one at a time, whatever the order in which they are done. */
class InOrder<T> {
  /** For how many it has been begun. */
  count = 0;
  readonly #act: (number: number, item: T) => Promise<void>;
  readonly #waiting = new Map<number, T>();
  #last: Promise<void> = Promise.resolve();

  constructor(act: (number: number, item: T) => Promise<void>) {
    this.#act = act;
  }

  done(number: number, item: T): Promise<void> {
    this.#waiting.set(number, item);
    while (this.#waiting.has(this.count)) {
      const next = this.count++;
      const own = this.#waiting.get(next) as T;
      this.#waiting.delete(next);
      this.#last = this.#last.then(() => this.#act(next, own));
    }
    return this.#last;
  }

  /** Waits for all that was begun. */
  idle(): Promise<void> {
    return this.#last;
  }
}

function sumUp(shards: readonly ScoreTableSummary[], count: number): ScoreTableSummary {
  const width = shards.flatMap(({ oddest }) => oddest)[0]?.values.length ?? 0;
  const oddest = new OddestFlows(count, width);
  const unseen = new Map<string, number>();
  const suppressed = new Map<string, number>();
  const sums = { flows: 0, alerts: 0, missing: 0 };
  for (const shard of shards) {
    sums.alerts += shard.alerts;
    sums.missing += shard.missing;
    addCounts(unseen, shard.unseen);
    addCounts(suppressed, shard.suppressed);
    // In the order of the table: among equal scores the first is kept.
    for (const { row, score, values } of shard.oddest.toSorted((a, b) => a.row - b.row)) {
      oddest.add(sums.flows + row, { score: Float32Array.of(score) }, values);
    }
    sums.flows += shard.flows;
  }
  return { ...sums, unseen, suppressed, oddest: oddest.flows };
}
