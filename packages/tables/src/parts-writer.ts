import type { AssembledFile } from "./assembled-file.ts";
import { type Assembly, assembleOutput } from "./assembled-output.ts";
import { type FlowTable, type OpenTable, openTableOf } from "./flow-table.ts";
import { createFileJoiner } from "./join-files.ts";
import { outputColumns, rewritingNotes, widening } from "./output-columns.ts";
import { findOutputPlace, type OutputPlace } from "./output-place.ts";
import { ColumnWidener } from "./parquet/column-widener.ts";
import { scoreColumns } from "./parquet/score-columns.ts";
import type { WideningPlan } from "./parquet/widening-plan.ts";
import type { PartTarget, WrittenPart } from "./scored-part.ts";
import { outputFormatOf } from "./scored-table-sql.ts";
import type { ScoredTableOptions } from "./scored-table-writer.ts";
import { failWithChange } from "./unchanged-files.ts";
import { WRITING } from "./write-failure.ts";

/** Makes a scored table of the parts that several workers write. */
export interface PartsWriter {
  /** Columns of the table that are left out because the new scores take their names. */
  readonly replaced: readonly string[];
  /** As of a scored table's writer. */
  readonly notes: readonly string[];
  /** What `createScoredPartWriter` is to be given for the part of this number, from 0. */
  target(part: number): PartTarget;
  /**
   * Takes the next part, as `createScoredPartWriter` wrote it. Parts are the table's ranges, in their order. One call at a
   * time.
   * @throws OddflowError OUTPUT_UNWRITABLE, TABLE_UNREADABLE
   */
  append(part: number, written: WrittenPart): Promise<void>;
  /**
   * Puts the table in its place.
   * @throws OddflowError TABLE_UNREADABLE when the input was changed; an AbortError after `abort`. Nothing is left then.
   */
  finish(): Promise<void>;
  /** Gives up, once no part is being written any more: nothing is left behind. Harmless after `finish`. */
  abort(): Promise<void>;
}

/**
 * As `createScoredTableWriter`, for a table that is written in parts; it throws what that does. Where Parquet becomes
 * Parquet and the files have their columns in the same form, what is kept of the input is copied byte for byte: types,
 * compression and row groups stay, and a value that cannot be read is not noticed here.
 */
export function createPartsWriter(table: FlowTable, options: ScoredTableOptions): Promise<PartsWriter> {
  const open = openTableOf(table);
  return failWithChange(WRITING, open.files, () => openWriter(open, options));
}

async function openWriter(open: OpenTable, options: ScoredTableOptions): Promise<PartsWriter> {
  const { kept, replaced } = outputColumns(open, options);
  const plan = widening(open, outputFormatOf(options.path), kept);
  const notes = plan === undefined ? rewritingNotes(open, outputFormatOf(options.path), kept) : [];
  const place = await findOutputPlace(options.path, open.files);
  const output = await assembleOutput(open, place, (target) =>
    plan ? widened(plan, options, target) : joining(place, options, target),
  );
  return {
    replaced,
    notes,
    target: (part) => output.assembly.target(part),
    append: (part, written) => output.attempt(() => output.assembly.append(part, written)),
    finish: () => output.finish(),
    abort: () => output.abort(),
  };
}

/** A way to make one file of parts. */
interface PartsAssembly extends Assembly, Pick<PartsWriter, "target" | "append"> {}

/** The input's own pages, and further columns. */
function widened(
  plan: WideningPlan,
  { top, reasons }: ScoredTableOptions,
  target: AssembledFile,
): PartsAssembly {
  const widener = new ColumnWidener(plan, scoreColumns(top?.names, reasons ?? false), target);
  return {
    target: () => ({ kind: "pages" }),
    async append(part, written) {
      if (written === undefined) throw new Error(`write scored table: part ${part} came without its scores`);
      for (const pages of written) widener.append(pages);
    },
    finish: () => widener.finish(),
    close: () => widener.close(),
  };
}

/** Files of their own, one behind the other. */
function joining(place: OutputPlace, { path }: ScoredTableOptions, target: AssembledFile): PartsAssembly {
  const joiner = createFileJoiner(target, outputFormatOf(path));
  return {
    target: (part) => ({ kind: "file", path: place.part(part) }),
    async append(part) {
      joiner.append(place.part(part));
      await place.dropPart(part);
    },
    finish: () => joiner.finish(),
    close: () => {},
  };
}
