import type { Scorer } from "@oddflow/inference";
import { OddflowError } from "@oddflow/preprocessing";
import { createScoredShardWriter, type FlowTable } from "@oddflow/tables";
import { scoreTable } from "./score-table.ts";
import type { FinishedShard, RangeOrder } from "./scoring-task.ts";

export interface ScoreShardOptions {
  readonly signal: AbortSignal;
  /** Is told how many flows have been scored since it was told last. */
  readonly onScored: (flows: number) => void;
}

/**
 * Scores one shard of a table, and writes it or what belongs to it.
 * @throws what `scoreTable` and the shard's writer throw
 */
export async function scoreShard(
  table: FlowTable,
  scorer: Scorer,
  { task, shard, range, firstRow, target, counted }: RangeOrder,
  { signal, onScored }: ScoreShardOptions,
): Promise<FinishedShard> {
  if (table.paths.join("\n") !== task.paths.join("\n")) {
    throw new OddflowError(
      "TABLE_UNREADABLE",
      "score: files came or went while they were looked for; score them again",
    );
  }
  const isFirst = shard === 0;
  const writer = await createScoredShardWriter(table, { ...task.output, range, target, isFirst });
  const interrupt = (): void => writer.interrupt();
  signal.addEventListener("abort", interrupt);
  try {
    const summary = await scoreTable(table, scorer, {
      ...task,
      shard: { range, firstRow, counted },
      signal,
      onScores: (rows) => {
        writer.write(rows);
        onScored(rows.score.length);
      },
    });
    return { summary, written: await writer.finish() };
  } finally {
    signal.removeEventListener("abort", interrupt);
    writer.close();
  }
}
