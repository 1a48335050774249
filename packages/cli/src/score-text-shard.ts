import { type Scorer, scoreRows, Verdict } from "@oddflow/inference";
import {
  countSuppressed,
  type FlowRecord,
  neededFields,
  type Ruling,
  reportFlows,
  type ScoredRows,
} from "@oddflow/preprocessing";
import { type LackingColumns, RecordRules } from "@oddflow/rules";
import {
  JsonShardReader,
  JsonShardWriter,
  type ShardNotes,
  type TextBlock,
  TextShardReader,
  TextShardWriter,
} from "@oddflow/tables";
import { addCounts } from "./add-counts.ts";
import { leastRows } from "./flow-blocks.ts";
import { OddestFlows } from "./oddest-flows.ts";
import type { ScoreShardOptions } from "./score-shard.ts";
import type { FinishedShard, TextOrder } from "./scoring-task.ts";

/**
 * Scores one shard of a file of text, and writes it.
 * @throws NotPlainText where the file must be read as a whole; OddflowError TABLE_UNREADABLE, OUTPUT_UNWRITABLE; the signal's reason when it is aborted
 */
export async function scoreTextShard(
  scorer: Scorer,
  order: TextOrder,
  { signal, onScored }: ScoreShardOptions,
): Promise<FinishedShard> {
  const { columns } = scorer;
  const { threshold, oddest, rules } = order;
  const kept = new OddestFlows(oddest, columns.length);
  const unseen = new Map<string, number>();
  const suppressed = new Map<string, number>();
  const sums = { flows: 0, alerts: 0, missing: 0 };
  const shard = openShard(scorer, order);
  const own = rules && new RecordRules(rules);
  let lacking: readonly LackingColumns[] = [];
  try {
    const blocks = shard.blocks(leastRows(scorer));
    const source = own === undefined ? blocks : ruledBlocks(blocks, shard, own);
    for await (const rows of scoreRows(source, scorer, new Verdict(threshold))) {
      if (order.shard === 0 && sums.flows === 0) lacking = own?.lacking(shard.record(rows.block, 0)) ?? [];
      signal.throwIfAborted();
      shard.write(rows.block, rows);
      kept.add(sums.flows, rows, rows.block.flows);
      const report = reportFlows(rows.block.flows, columns);
      addCounts(unseen, report.unseen);
      addCounts(suppressed, countSuppressed(rows.rulings));
      sums.missing += report.missing;
      sums.alerts += rows.anomalies;
      sums.flows += rows.score.length;
      onScored(rows.score.length);
    }
    const notes = shard.finish();
    return {
      summary: { ...sums, unseen, suppressed, oddest: kept.flows },
      written: undefined,
      notes,
      lacking,
    };
  } finally {
    shard.close();
  }
}

/** Blocks of which rules say what their rows are; a row is read anew where it is an anomaly. */
function* ruledBlocks(
  blocks: Iterable<TextBlock>,
  shard: OpenShard,
  rules: RecordRules,
): Generator<TextBlock & { ruling(row: number): Ruling | undefined }> {
  for (const block of blocks) yield { ...block, ruling: (row) => rules.ruling(shard.record(block, row)) };
}

/** A shard that is read and written again. */
interface OpenShard {
  blocks(blockRows: number): Iterable<TextBlock>;
  /** A row of the block that was given last, as a record. */
  record(block: TextBlock, row: number): FlowRecord;
  write(block: TextBlock, rows: ScoredRows): void;
  /** @returns what JSON lines had beside flows */
  finish(): ShardNotes | undefined;
  close(): void;
}

function openShard(
  { ownColumns, context: spec }: Scorer,
  { shard, text, place, context }: TextOrder,
): OpenShard {
  if (text.written === "json") {
    const needed = neededFields(ownColumns, spec);
    const reader = new JsonShardReader(text, ownColumns, needed, context);
    const writer = new JsonShardWriter(place);
    return {
      blocks: (blockRows) => reader.blocks(blockRows),
      record: (block, row) => reader.record(block, row),
      write: (block, rows) => writer.write(block, rows),
      finish: () => reader.notes,
      close() {
        reader.close();
        writer.close();
      },
    };
  }
  const reader = new TextShardReader(text, ownColumns, context);
  const writer = new TextShardWriter(place, text, shard === 0);
  return {
    blocks: (blockRows) => reader.blocks(blockRows),
    record: (block, row) => reader.record(block, row),
    write(block, rows) {
      // There is one as soon as a row has been read.
      writer.write(block, rows, reader.head as NonNullable<typeof reader.head>);
    },
    finish() {
      writer.finish();
      return undefined;
    },
    close() {
      reader.close();
      writer.close();
    },
  };
}
