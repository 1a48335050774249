import type { Scorer } from "@oddflow/inference";
import type { CountedContext, FlowTable, RowRange, ShardsWriter } from "@oddflow/tables";
import type { ShardedTable } from "./score-in-parallel.ts";
import { scoreShard } from "./score-shard.ts";
import type { RangeOrder, ScoringTask } from "./scoring-task.ts";

/** The ranges of a table, each with its context. */
export function rangeShards(
  task: ScoringTask,
  writer: ShardsWriter,
  { ranges, counted, table, scorer }: RangeShardsOptions,
): ShardedTable {
  let firstRow = 0;
  return {
    shards: ranges.length,
    order(shard) {
      const range = ranges[shard] as RowRange;
      const target = writer.target(shard);
      const order: RangeOrder = {
        kind: "shard",
        task,
        shard,
        range,
        firstRow,
        target,
        counted: counted?.[shard],
      };
      firstRow += range.rows;
      return order;
    },
    score: (order, options) => scoreShard(table, scorer, order as RangeOrder, options),
    append: (shard, { written }) => writer.append(shard, written),
  };
}

interface RangeShardsOptions {
  /** The table's, in their order. */
  readonly ranges: readonly RowRange[];
  /** Where each range's context is; undefined where the model sees none. */
  readonly counted: readonly CountedContext[] | undefined;
  /** What this process scores with, beside the workers: a scan and a session of one thread. */
  readonly table: FlowTable;
  readonly scorer: Scorer;
}
