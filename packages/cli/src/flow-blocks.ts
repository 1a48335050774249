import type { FlowBlock, Scorer } from "@oddflow/inference";
import type { Ruling } from "@oddflow/preprocessing";
import type { BoundRules } from "@oddflow/rules";
import type { CountedContext, FlowTable, RowRange, ScannedBatch } from "@oddflow/tables";
import { InputQuality } from "./input-quality.ts";

/**
 * Rows that are gathered at least. Scan and model take turns on one core, and each finds the cache full of the other: with 2,048
 * rows a turn, as many as a scan gives at a time, both take 7 % longer.
 */
const LEAST_ROWS = 8192;

/** How many rows are gathered for a scorer. */
export function leastRows({ batchSize }: Pick<Scorer, "batchSize">): number {
  return Math.max(batchSize, LEAST_ROWS);
}

/** What a scorer takes, and how many flows at a time at least where that is more than a few thousand. */
export type ScannedColumns = Pick<Scorer, "columns" | "ownColumns" | "context" | "batchSize">;

export interface FlowBlocksOptions {
  /** These rows only. */
  readonly range?: RowRange | undefined;
  /** Their context, where the model sees one. */
  readonly counted?: CountedContext | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What is said of alarms. */
  readonly rules?: BoundRules | undefined;
  /** Counts what is read. */
  readonly quality?: InputQuality;
}

/**
 * Reads a table's flows as a scorer takes them: row-major `[rows, columns]`, encoded, a few thousand rows at a time and in
 * the table's order. A block's buffer is used again for the next one.
 * @param quality counts what the blocks hold that a person should know of
 * @throws what the table's scan throws; the signal's reason when it is aborted.
 */
export async function* flowBlocks(
  table: FlowTable,
  { columns, ownColumns, context, batchSize }: ScannedColumns,
  { range, counted, signal, rules, quality = new InputQuality(columns) }: FlowBlocksOptions,
): AsyncGenerator<FlowBlock, void, undefined> {
  const width = columns.length;
  const blockRows = leastRows({ batchSize });
  const flows = new Float32Array(blockRows * width);
  const rows = new BlockRows();
  const ruling = rules && { ruling: (row: number) => rows.ruling(rules, row) };
  let filled = 0;
  for await (const batch of table.scan(ownColumns, {
    context,
    counted,
    values: rules?.columns,
    ...(signal ? { signal } : {}),
    ...(range ? { range } : {}),
  })) {
    for (let from = 0; from < batch.rows; ) {
      const count = Math.min(batch.rows - from, blockRows - filled);
      quality.copy(batch.columns, from, count, flows, filled);
      if (rules !== undefined) rows.add(batch, from, filled);
      filled += count;
      from += count;
      if (filled === blockRows) {
        yield { flows, ...ruling };
        filled = 0;
        rows.clear();
      }
    }
  }
  if (filled > 0) yield { flows: flows.subarray(0, filled * width), ...ruling };
}

/** Where the rows of a block were scanned. */
class BlockRows {
  #parts: { readonly batch: ScannedBatch; readonly from: number; readonly first: number }[] = [];

  /** @param from the row of the batch that the block's row `first` is */
  add(batch: ScannedBatch, from: number, first: number): void {
    this.#parts.push({ batch, from, first });
  }

  clear(): void {
    this.#parts = [];
  }

  ruling(rules: BoundRules, row: number): Ruling | undefined {
    const part = this.#parts.findLast(({ first }) => first <= row);
    return part && rules.ruling((place) => part.batch.value(part.from + row - part.first, place));
  }
}
