import { assembleOutput } from "../assembled-output.ts";
import { createFileJoiner } from "../join-files.ts";
import { findOutputPlace } from "../output-place.ts";
import type { ShardPlace } from "./shard-file.ts";
import type { TextTable } from "./text-table.ts";

/** Makes a scored table of text of the shards that several workers write. */
export interface TextShardsWriter {
  /** Where `TextShardWriter` is to write the shard of this number, from 0. */
  place(shard: number): ShardPlace;
  /** Takes the next shard, in their order, one call at a time. @throws OddflowError OUTPUT_UNWRITABLE, TABLE_UNREADABLE */
  append(shard: number): Promise<void>;
  /**
   * Puts the table in its place.
   * @throws OddflowError TABLE_UNREADABLE when the input was changed, OUTPUT_UNWRITABLE; an AbortError after `abort`. Nothing is left
   * then.
   */
  finish(): Promise<void>;
  /** Gives up, once no shard is being written any more: nothing is left behind. Harmless after `finish`. */
  abort(): Promise<void>;
}

/** @throws OddflowError USAGE (the input as output), OUTPUT_UNWRITABLE */
export async function createTextShardsWriter({ file }: TextTable, out: string): Promise<TextShardsWriter> {
  const files = [file];
  const place = await findOutputPlace(out, files);
  const output = await assembleOutput({ files }, place, (target) => {
    const joiner = createFileJoiner(target, "csv");
    return { append: (path: string) => joiner.append(path), finish: () => joiner.finish(), close: () => {} };
  });
  return {
    place: (shard) => ({ path: place.path, temporary: place.shard(shard) }),
    append: (shard) =>
      output.attempt(async () => {
        output.assembly.append(place.shard(shard));
        await place.dropShard(shard);
      }),
    finish: () => output.finish(),
    abort: () => output.abort(),
  };
}
