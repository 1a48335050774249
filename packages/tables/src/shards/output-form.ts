import { type FlowTable, openTableOf } from "../flow-table.ts";
import { outputColumns, rewritingNotes, widening } from "../output-columns.ts";
import type { ScoredTableOptions } from "../scored-table-writer.ts";

/** What a scored Parquet table is going to be like. */
export interface OutputForm {
  /** The table's columns that come along. */
  readonly kept: readonly string[];
  /** As in `ShardsWriter`. */
  readonly replaced: readonly string[];
  readonly notes: readonly string[];
  /** Whether the pages of the files are copied as they are. */
  readonly copiesPages: boolean;
}

/** @throws OddflowError COLUMNS_MISSING (a key column), COLUMN_TYPE (one that would be written with other values) */
export function outputForm(
  table: FlowTable,
  options: Pick<ScoredTableOptions, "path" | "columns" | "keyColumns">,
): OutputForm {
  const open = openTableOf(table);
  const { kept, replaced } = outputColumns(open, options);
  const copiesPages = widening(open, "parquet", kept) !== undefined;
  const notes = copiesPages ? [] : rewritingNotes(open, "parquet", kept);
  return { kept: kept.map(({ name }) => name), replaced, notes, copiesPages };
}
