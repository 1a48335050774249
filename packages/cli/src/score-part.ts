import type { Scorer } from "@oddflow/inference";
import { OddflowError } from "@oddflow/preprocessing";
import { createScoredPartWriter, type FlowTable } from "@oddflow/tables";
import { scoreTable } from "./score-table.ts";
import type { FinishedPart, PartOrder } from "./scoring-task.ts";

/**
 * Scores one part of a table, and writes it or what belongs to it.
 * @param onScored is told how many flows have been scored since it was told last
 * @throws what `scoreTable` and the part's writer throw
 */
export async function scorePart(
  table: FlowTable,
  scorer: Scorer,
  { task, part, range, firstRow, target }: PartOrder,
  { signal, onScored }: { readonly signal: AbortSignal; readonly onScored: (flows: number) => void },
): Promise<FinishedPart> {
  if (table.paths.join("\n") !== task.paths.join("\n")) {
    throw new OddflowError(
      "TABLE_UNREADABLE",
      "score: files came or went while they were looked for; score them again",
    );
  }
  const isFirst = part === 0;
  const writer = await createScoredPartWriter(table, { ...task.output, range, target, isFirst });
  const interrupt = (): void => writer.interrupt();
  signal.addEventListener("abort", interrupt);
  try {
    const summary = await scoreTable(table, scorer, {
      ...task,
      part: { range, firstRow },
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
