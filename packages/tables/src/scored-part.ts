import { type FlowTable, openTableOf, type RowRange } from "./flow-table.ts";
import { PendingScores } from "./pending-scores.ts";
import { rangeRelation } from "./row-ranges.ts";
import { outputColumns, type ScoredBatch, type ScoredTableOptions, writeFailure } from "./scored-table.ts";
import { copySql, outputFormatOf } from "./scored-table-sql.ts";

export interface ScoredPartOptions extends ScoredTableOptions {
  readonly range: RowRange;
  /** The part's own file, which `JoinedTableWriter.partPath` names; `path` is the whole table's. */
  readonly part: string;
  /** Whether this part begins the table: CSV has its header there. */
  readonly isFirst: boolean;
}

/** Takes the scores of a range's rows and writes them beside the rows, in a file that is a part of the scored table. */
export interface ScoredPartWriter {
  /** Takes the scores of the next rows; the arrays may be used again afterwards. */
  write(batch: ScoredBatch): void;
  /** Writes the part. @throws what `ScoredTableWriter.finish` throws */
  finish(): Promise<void>;
  /** Ends a `finish` that is running. */
  interrupt(): void;
  /** Frees what writing took. */
  close(): void;
}

/** A writer of the rows of one range; `createJoinedTableWriter` makes one table of the parts. */
export async function createScoredPartWriter(
  table: FlowTable,
  options: ScoredPartOptions,
): Promise<ScoredPartWriter> {
  const open = openTableOf(table);
  const { range, part, path, isFirst } = options;
  const reasons = options.reasons ?? false;
  const sql = copySql({
    relation: await rangeRelation(open, range),
    kept: outputColumns(open, options).kept,
    format: outputFormatOf(path),
    top: options.top,
    reasons,
    header: isFirst,
    to: part,
  });
  const pending = await PendingScores.create(open.session, options.top?.count ?? 0, reasons);
  return {
    write: (batch) => pending.add(batch),
    async finish() {
      if (pending.rows !== range.rows) {
        throw new Error(`write scored table: a part of ${range.rows} rows came with ${pending.rows} scores`);
      }
      await pending.write(sql).catch(async (thrown: unknown) => {
        throw await writeFailure(open, { path, temporary: part }, thrown);
      });
    },
    interrupt: () => pending.interrupt(),
    close: () => pending.close(),
  };
}
