import { availableParallelism } from "node:os";
import type { Scorer } from "@oddflow/inference";
import { contextInputs } from "@oddflow/preprocessing";
import {
  createTextShardsWriter,
  makeContextFolder,
  NotPlainText,
  openTextTable,
  type TextContext,
  type TextTable,
} from "@oddflow/tables";
import { countTextInParallel } from "./count-text-in-parallel.ts";
import { defaultOutput } from "./default-output.ts";
import { runScoring } from "./run-scoring.ts";
import { type ShardedTable, scoreInParallel } from "./score-in-parallel.ts";
import { scoreTextShard } from "./score-text-shard.ts";
import type { FileScoringRequest } from "./scoring-request.ts";
import type { TextOrder } from "./scoring-task.ts";
import type { WorkerPool } from "./scoring-workers.ts";
import { chooseThreshold } from "./threshold-choice.ts";

export interface ScoreTextFileOptions {
  readonly scorer: Scorer;
  readonly pool: WorkerPool;
  readonly signal: AbortSignal;
}

/**
 * Scores a large file of text into one of its own form, several stretches of it at a time, and says what came of it.
 * @returns false where it must be opened as a table, which also says what is wrong with it; nothing has been written then
 * @throws what a worker throws
 */
export async function scoreTextFile(
  request: FileScoringRequest,
  { scorer, pool, signal }: ScoreTextFileOptions,
): Promise<boolean> {
  const [path = ""] = request.flows;
  const ending = /\.[^.]+$/.exec(path)?.[0] ?? "";
  const out = request.out ?? defaultOutput({ paths: [path], scoredEnding: ending });
  const processes = request.threads ?? availableParallelism();
  const table = await openTextTable(path, { from: request.from, out, processes });
  const names = new Set(table?.names);
  const { ownColumns, context } = scorer;
  const needed = [...ownColumns.map(({ name }) => name), ...(context ? contextInputs(context) : [])];
  if (table === undefined || scorer.provider !== "cpu" || needed.some((name) => !names.has(name)))
    return false;
  const chosen = await chooseThreshold(request.threshold, scorer);
  const writer = await createTextShardsWriter(table, out);
  const { oddest } = request;
  const run = {
    replaced: [],
    notes: [],
    async score(onProgress: (flows: number) => void) {
      const folder = context && (await makeContextFolder());
      try {
        const contexts = folder && (await countTextInParallel({ table, pool, scorer, folder, signal }));
        const shards = textShards(table, {
          path: (shard) => writer.path(shard),
          append: (shard) => writer.append(shard),
          score: (order, options) => scoreTextShard(scorer, order, options),
          contexts,
          threshold: chosen.threshold,
          oddest,
        });
        return await scoreInParallel(shards, { pool, oddest, signal, onProgress });
      } finally {
        folder?.close();
      }
    },
    finish: () => writer.finish(),
    abort: () => writer.abort(),
  };
  try {
    await runScoring(run, request, {
      scorer,
      chosen,
      out,
      rows: table.rows,
      readings: [table.reading],
      signal,
    });
    return true;
  } catch (thrown) {
    if (thrown instanceof NotPlainText) return false;
    throw thrown;
  }
}

interface TextShardsOptions {
  path(shard: number): string;
  append(shard: number): Promise<void>;
  score(order: TextOrder, options: Parameters<ShardedTable["score"]>[1]): ReturnType<ShardedTable["score"]>;
  /** Each shard's; undefined where the model sees none. */
  readonly contexts: readonly TextContext[] | undefined;
  readonly threshold: number;
  readonly oddest: number;
}

function textShards(
  { shards }: TextTable,
  { path, append, score, contexts, threshold, oddest }: TextShardsOptions,
): ShardedTable {
  return {
    shards: shards.length,
    order: (shard) => ({
      kind: "text",
      shard,
      text: shards[shard] as TextTable["shards"][number],
      path: path(shard),
      threshold,
      oddest,
      context: contexts?.[shard],
    }),
    score: (order, options) => score(order as TextOrder, options),
    append: (shard) => append(shard),
  };
}
