import { type FlowTable, openTableOf } from "./flow-table.ts";
import { createFileJoiner } from "./join-files.ts";
import { findOutputPlace, outputUnwritable } from "./output-place.ts";
import { checkUnchanged, givenUp, outputColumns, type ScoredTableOptions } from "./scored-table.ts";
import { outputFormatOf } from "./scored-table-sql.ts";

/** Makes a scored table of the parts that several workers write. */
export interface JoinedTableWriter {
  /** Columns of the table that are left out because the new scores take their names. */
  readonly replaced: readonly string[];
  /** The file that the part of this number, from 0, is to be written to. */
  partPath(part: number): string;
  /**
   * Takes the next part, as `createScoredPartWriter` wrote it, and removes its file. One call at a time.
   * @throws OddflowError OUTPUT_UNWRITABLE
   */
  append(part: number): Promise<void>;
  /**
   * Puts the table in its place.
   * @throws OddflowError TABLE_UNREADABLE when the input was changed; an AbortError after `abort`. Nothing is left then.
   */
  finish(): Promise<void>;
  /** Gives up, once no part is being written any more: nothing is left behind. Harmless after `finish`. */
  abort(): Promise<void>;
}

/** As `createScoredTableWriter`, for a table that is written in parts; it throws what that does. */
export async function createJoinedTableWriter(
  table: FlowTable,
  options: ScoredTableOptions,
): Promise<JoinedTableWriter> {
  const open = openTableOf(table);
  const format = outputFormatOf(options.path);
  const { replaced } = outputColumns(open, options);
  const place = await findOutputPlace(options.path, open.files);
  const joiner = await createFileJoiner(place.temporary, format);
  let aborted = false;
  const discard = async (): Promise<void> => {
    await joiner.close();
    await place.discard();
  };
  const noSpace = (cause: unknown): never => {
    const isFull =
      cause instanceof Error && "code" in cause && ["ENOSPC", "EDQUOT", "EFBIG"].includes(String(cause.code));
    throw isFull
      ? outputUnwritable(options.path, "no space is left; free some or name another folder", cause)
      : cause;
  };
  return {
    replaced,
    partPath: (part) => place.part(part),
    async append(part) {
      await joiner.append(place.part(part)).catch(noSpace);
      await place.dropPart(part);
    },
    async finish() {
      try {
        if (aborted) throw givenUp();
        await checkUnchanged(open);
        await joiner.finish().catch(noSpace);
        if (aborted) throw givenUp();
        await place.take();
      } finally {
        await discard();
      }
    },
    abort() {
      aborted = true;
      return discard();
    },
  };
}
