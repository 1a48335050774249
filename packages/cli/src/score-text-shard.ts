import { type Scorer, scoreRows, Verdict } from "@oddflow/inference";
import { reportFlows } from "@oddflow/preprocessing";
import { TextShardReader, TextShardWriter } from "@oddflow/tables";
import { addCounts } from "./add-counts.ts";
import { leastRows } from "./flow-blocks.ts";
import { OddestFlows } from "./oddest-flows.ts";
import type { ScoreShardOptions } from "./score-shard.ts";
import type { FinishedShard, TextOrder } from "./scoring-task.ts";

/**
 * Scores one shard of a file of text, and writes it.
 * @throws NotPlainText where the file must be read as a whole; what the system says; the signal's reason when it is aborted
 */
export async function scoreTextShard(
  scorer: Scorer,
  { shard, text, path, threshold, oddest, context }: TextOrder,
  { signal, onScored }: ScoreShardOptions,
): Promise<FinishedShard> {
  const { columns, ownColumns } = scorer;
  const kept = new OddestFlows(oddest, columns.length);
  const unseen = new Map<string, number>();
  const sums = { flows: 0, alerts: 0, missing: 0 };
  const reader = new TextShardReader(text, ownColumns, context);
  const writer = new TextShardWriter(path, text, shard === 0);
  try {
    const blocks = reader.blocks(leastRows(scorer));
    for await (const rows of scoreRows(blocks, scorer, new Verdict(threshold))) {
      signal.throwIfAborted();
      // There is one as soon as a row has been read.
      const head = reader.head as NonNullable<typeof reader.head>;
      writer.write(rows.block, rows, head);
      kept.add(sums.flows, rows.score, rows.block.flows);
      const report = reportFlows(rows.block.flows, columns);
      addCounts(unseen, report.unseen);
      sums.missing += report.missing;
      sums.alerts += rows.anomalies;
      sums.flows += rows.score.length;
      onScored(rows.score.length);
    }
    writer.finish();
    return { summary: { ...sums, unseen, oddest: kept.flows }, written: undefined };
  } finally {
    writer.close();
  }
}
