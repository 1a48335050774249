import type { AssembledFile } from "./assembled-file.ts";
import { type Assembly, assembleOutput } from "./assembled-output.ts";
import { type FlowTable, type OpenTable, openTableOf } from "./flow-table.ts";
import { createFileJoiner } from "./join-files.ts";
import { outputColumns, rewritingNotes, widening } from "./output-columns.ts";
import { findOutputPlace, type OutputPlace } from "./output-place.ts";
import { addedColumns } from "./parquet/added-columns.ts";
import { ColumnWidener } from "./parquet/column-widener.ts";
import { type WideningPlan, wideningOf } from "./parquet/widening-plan.ts";
import { addedScores } from "./scored-batch.ts";
import type { ShardTarget, WrittenShard } from "./scored-shard.ts";
import { outputFormatOf } from "./scored-table-sql.ts";
import type { ScoredTableOptions } from "./scored-table-writer.ts";
import type { RowGroupSpan } from "./shards/row-group-spans.ts";
import { failWithChange } from "./unchanged-files.ts";
import { WRITING } from "./write-failure.ts";

/** Makes a scored table of the shards that several workers write. */
export interface ShardsWriter {
  /** Columns of the table that are left out because the new scores take their names. */
  readonly replaced: readonly string[];
  /** As of a scored table's writer. */
  readonly notes: readonly string[];
  /** What `createScoredShardWriter` is to be given for the shard of this number, from 0. */
  target(shard: number): ShardTarget;
  /**
   * Takes the next shard, as `createScoredShardWriter` wrote it. Shards are the table's ranges, in their order. One call at a
   * time.
   * @throws OddflowError OUTPUT_UNWRITABLE, TABLE_UNREADABLE
   */
  append(shard: number, written: WrittenShard): Promise<void>;
  /**
   * Puts the table in its place.
   * @throws OddflowError TABLE_UNREADABLE when the input was changed; an AbortError after `abort`. Nothing is left then.
   */
  finish(): Promise<void>;
  /** Gives up, once no shard is being written any more: nothing is left behind. Harmless after `finish`. */
  abort(): Promise<void>;
}

/**
 * As `createScoredTableWriter`, for a table that is written in shards; it throws what that does. Where Parquet becomes
 * Parquet and the files have their columns in the same form, what is kept of the input is copied byte for byte: types,
 * compression and row groups stay, and a value that cannot be read is not noticed here.
 * @param some the row groups that are written, where these are not all
 */
export function createShardsWriter(
  table: FlowTable,
  options: ScoredTableOptions,
  some?: SomeRowGroups,
): Promise<ShardsWriter> {
  const open = openTableOf(table);
  return failWithChange(WRITING, open.files, () => openWriter(open, options, some));
}

async function openWriter(
  open: OpenTable,
  options: ScoredTableOptions,
  some: SomeRowGroups | undefined,
): Promise<ShardsWriter> {
  const { kept, replaced } = outputColumns(open, options);
  const whole = some?.copiesPages === false ? undefined : widening(open, outputFormatOf(options.path), kept);
  const plan = whole && some ? wideningOf(whole, some.spans) : whole;
  const notes = plan === undefined ? rewritingNotes(open, outputFormatOf(options.path), kept) : [];
  const place = await findOutputPlace(options.path, open.files);
  const output = await assembleOutput(open, place, (target) =>
    plan ? widened(plan, options, target) : joining(place, options, target),
  );
  return {
    replaced,
    notes,
    target: (shard) => output.assembly.target(shard),
    append: (shard, written) => output.attempt(() => output.assembly.append(shard, written)),
    finish: () => output.finish(),
    abort: () => output.abort(),
  };
}

/** The row groups of a table that become a table of their own. */
export interface SomeRowGroups {
  readonly spans: readonly RowGroupSpan[];
  /** Whether pages are copied: what is true of some files of a table need not be of all. */
  readonly copiesPages: boolean;
}

/** A way to make one file of shards. */
interface ShardsAssembly extends Assembly, Pick<ShardsWriter, "target" | "append"> {}

/** The input's own pages, and further columns. */
function widened(plan: WideningPlan, options: ScoredTableOptions, target: AssembledFile): ShardsAssembly {
  const columns = addedColumns(options.top?.names, addedScores(options));
  const widener = new ColumnWidener(plan, columns, target);
  return {
    target: () => ({ kind: "pages" }),
    async append(shard, written) {
      if (written === undefined)
        throw new Error(`write scored table: shard ${shard} came without its scores`);
      for (const pages of written) widener.append(pages);
    },
    finish: () => widener.finish(),
    close: () => widener.close(),
  };
}

/** Files of their own, one behind the other. */
function joining(place: OutputPlace, { path }: ScoredTableOptions, target: AssembledFile): ShardsAssembly {
  const joiner = createFileJoiner(target, outputFormatOf(path));
  return {
    target: (shard) => ({ kind: "file", path: place.shard(shard) }),
    async append(shard) {
      joiner.append(place.shard(shard));
      await place.dropShard(shard);
    },
    finish: () => joiner.finish(),
    close: () => {},
  };
}
