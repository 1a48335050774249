import { availableParallelism } from "node:os";
import type { Scorer } from "@oddflow/inference";
import { neededFields } from "@oddflow/preprocessing";
import type { LackingColumns, RuleSet } from "@oddflow/rules";
import {
  createTextShardsWriter,
  type FileReading,
  makeTemporaryFolder,
  NotPlainText,
  openJsonTable,
  openTextTable,
  type ShardNotes,
  type TextContext,
  type TextTable,
} from "@oddflow/tables";
import { countTextInParallel } from "./count-text-in-parallel.ts";
import { defaultOutput } from "./default-output.ts";
import { tellLacking } from "./read-rules.ts";
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
  /** What is said of alarms; undefined where there are no rules. */
  readonly rules: RuleSet | undefined;
  readonly signal: AbortSignal;
}

/**
 * Scores a large file of text into one of its own form, several stretches of it at a time, and says what came of it.
 * @returns false where it must be opened as a table, which also says what is wrong with it; nothing has been written then
 * @throws what a worker throws
 */
export async function scoreTextFile(
  request: FileScoringRequest,
  { scorer, pool, rules, signal }: ScoreTextFileOptions,
): Promise<boolean> {
  const { ownColumns, context } = scorer;
  const { table, out } = await openText(request);
  const needed = neededFields(ownColumns, context);
  const has = (name: string): boolean => table?.names?.includes(name) !== false;
  if (table === undefined || scorer.provider !== "cpu" || !needed.every(has)) return false;
  const chosen = await chooseThreshold(request.threshold, scorer);
  const writer = await createTextShardsWriter(table, out);
  const { oddest } = request;
  const readings: FileReading[] = [];
  const notes: ShardNotes[] = [];
  let lacking: readonly LackingColumns[] = [];
  const run = {
    replaced: [],
    notes: [],
    async score(onProgress: (flows: number) => void) {
      const folder = context && (await makeTemporaryFolder());
      try {
        const contexts = folder && (await countTextInParallel({ table, pool, scorer, folder, signal }));
        const shards = textShards(table, {
          place: (shard) => writer.place(shard),
          append(shard, finished) {
            if (finished.notes !== undefined) notes.push(finished.notes);
            if (shard === 0) lacking = finished.lacking ?? [];
            return writer.append(shard);
          },
          score: (order, options) => scoreTextShard(scorer, order, options),
          contexts,
          threshold: chosen.threshold,
          rules,
          oddest,
        });
        const summary = await scoreInParallel(shards, { pool, oddest, signal, onProgress });
        readings.push(table.reading(notes));
        return summary;
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
      readings,
      signal,
    });
    tellLacking(lacking);
    return true;
  } catch (thrown) {
    if (thrown instanceof NotPlainText) return false;
    throw thrown;
  }
}

/** The file as a table of cells or as JSON lines; undefined where it is to be opened as another one. */
async function openText({ flows, out, from, threads }: FileScoringRequest): Promise<{
  readonly table: TextTable | undefined;
  readonly out: string;
}> {
  const [path = ""] = flows;
  const processes = threads ?? availableParallelism();
  const open = async (
    opener: typeof openTextTable,
    scoredEnding: string,
  ): Promise<{ readonly table: TextTable | undefined; readonly out: string }> => {
    const target = out ?? defaultOutput({ paths: [path], scoredEnding });
    return { table: await opener(path, { from, out: target, processes }), out: target };
  };
  const cells = await open(openTextTable, /\.[^.]+$/.exec(path)?.[0] ?? "");
  return cells.table === undefined ? open(openJsonTable, ".ndjson") : cells;
}

interface TextShardsOptions {
  place(shard: number): TextOrder["place"];
  readonly append: ShardedTable["append"];
  score(order: TextOrder, options: Parameters<ShardedTable["score"]>[1]): ReturnType<ShardedTable["score"]>;
  /** Each shard's; undefined where the model sees none. */
  readonly contexts: readonly TextContext[] | undefined;
  readonly threshold: number;
  readonly rules: RuleSet | undefined;
  readonly oddest: number;
}

function textShards(
  { shards }: TextTable,
  { place, append, score, contexts, threshold, rules, oddest }: TextShardsOptions,
): ShardedTable {
  return {
    shards: shards.length,
    order: (shard) => ({
      kind: "text",
      shard,
      text: shards[shard] as TextTable["shards"][number],
      place: place(shard),
      threshold,
      rules,
      oddest,
      context: contexts?.[shard],
    }),
    score: (order, options) => score(order as TextOrder, options),
    append,
  };
}
