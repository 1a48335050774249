import type { ScoredRows } from "@oddflow/preprocessing";
import { type FlowTable, type OpenTable, openTableOf, type RowRange } from "./flow-table.ts";
import { outputColumns } from "./output-columns.ts";
import { ScorePageBuilder, type ScorePages } from "./parquet/score-pages.ts";
import { PendingScores } from "./pending-scores.ts";
import { rangeRelation } from "./row-ranges.ts";
import { addedScores, batchRows, checkBatch } from "./scored-batch.ts";
import { copySql, outputFormatOf } from "./scored-table-sql.ts";
import type { ScoredTableOptions } from "./scored-table-writer.ts";
import { failWithChange } from "./unchanged-files.ts";
import { WRITING, writeFailure } from "./write-failure.ts";

/**
 * What becomes of a shard's rows, as `ShardsWriter.target` says it: a file with all that is written of them, or the score
 * columns alone, as pages of Parquet. It can go from process to process.
 */
export type ShardTarget = { readonly kind: "file"; readonly path: string } | { readonly kind: "pages" };

/** A shard that has been written: its pages, by row group, where they are its target. It can go from process to process. */
export type WrittenShard = readonly ScorePages[] | undefined;

/** How a part of a table is written with its scores. */
export interface ScoredShardOptions extends ScoredTableOptions {
  readonly range: RowRange;
  readonly target: ShardTarget;
  /** Whether this shard begins the table: CSV has its header there. */
  readonly isFirst: boolean;
}

/** Takes the scores of a range's rows. */
export interface ScoredShardWriter {
  /** Takes the scores of the next rows; the arrays may be used again afterwards. */
  write(batch: ScoredRows): void;
  /** Writes the shard. @throws what `ScoredTableWriter.finish` throws */
  finish(): Promise<WrittenShard>;
  /** Ends a `finish` that is running. */
  interrupt(): void;
  /** Frees what writing took. */
  close(): void;
}

/** A writer of the rows of one range; `createShardsWriter` makes one table of the shards. */
export async function createScoredShardWriter(
  table: FlowTable,
  options: ScoredShardOptions,
): Promise<ScoredShardWriter> {
  const { target } = options;
  return target.kind === "pages" ? pagesWriter(options) : fileWriter(table, options, target.path);
}

function pagesWriter(options: ScoredShardOptions): ScoredShardWriter {
  const { range, top } = options;
  const added = addedScores(options);
  const builders = range.rowGroups.map((rows) => new ScorePageBuilder(rows, added, top?.names.length));
  let written = 0;
  return {
    write(batch) {
      checkBatch(batch, added);
      written += batch.score.length;
      let first = 0;
      for (const builder of builders) {
        const rows = Math.min(builder.space, batch.score.length - first);
        if (rows > 0) builder.add(batchRows(batch, first, first + rows));
        first += rows;
      }
    },
    async finish() {
      checkRows(range, written);
      return builders.map((builder) => builder.finish());
    },
    interrupt: () => {},
    close: () => {},
  };
}

function fileWriter(table: FlowTable, options: ScoredShardOptions, file: string): Promise<ScoredShardWriter> {
  const open = openTableOf(table);
  return failWithChange(WRITING, open.files, () => openFileWriter(open, options, file));
}

async function openFileWriter(
  open: OpenTable,
  options: ScoredShardOptions,
  file: string,
): Promise<ScoredShardWriter> {
  const { range, path, isFirst } = options;
  const added = addedScores(options);
  const sql = copySql({
    relation: await rangeRelation(open, range),
    kept: outputColumns(open, options).kept,
    format: outputFormatOf(path),
    top: options.top,
    reasons: added.reasons,
    rules: added.rules,
    header: isFirst,
    to: file,
  });
  const pending = await PendingScores.create(open.session, added);
  return {
    write: (batch) => pending.add(batch),
    async finish() {
      checkRows(range, pending.rows);
      await pending.write(sql).catch(async (thrown: unknown) => {
        throw await writeFailure(open, { path, temporary: file }, thrown);
      });
      return undefined;
    },
    interrupt: () => pending.interrupt(),
    close: () => pending.close(),
  };
}

function checkRows(range: RowRange, rows: number): void {
  if (rows !== range.rows) {
    throw new Error(`write scored table: a shard of ${range.rows} rows came with ${rows} scores`);
  }
}
