import { type AssembledFile, assembleFile } from "./assembled-file.ts";
import type { OpenTable } from "./flow-table.ts";
import { type OutputPlace, outputFailure } from "./output-place.ts";
import { ColumnWidener } from "./parquet/column-widener.ts";
import { scoreColumns } from "./parquet/score-columns.ts";
import { ScorePageBuilder } from "./parquet/score-pages.ts";
import type { WideningPlan } from "./parquet/widening-plan.ts";
import { MOST_ROWS } from "./row-ranges.ts";
import { batchRows, checkBatch, type ScoredBatch } from "./scored-batch.ts";
import type { ScoredTableOptions, ScoredTableWriter } from "./scored-table-writer.ts";
import { changeOf, checkUnchanged } from "./unchanged-files.ts";
import { givenUp, rowsDiffer, WRITING } from "./write-failure.ts";

/** Writes a Parquet table as Parquet: its own pages, and those of the scores, row group by row group as scores come. */
export async function createWidenedTableWriter(
  open: OpenTable,
  place: OutputPlace,
  plan: WideningPlan,
  replaced: readonly string[],
  { top, reasons = false }: ScoredTableOptions,
): Promise<ScoredTableWriter> {
  const target = await assembleIn(place);
  const widener = new ColumnWidener(plan, scoreColumns(top?.names, reasons), target);
  const names = top && { names: top.names.length, count: top.count };
  const sizes = pageRows(plan);
  const nextPage = (): ScorePageBuilder | undefined => {
    const { value } = sizes.next();
    return value === undefined ? undefined : new ScorePageBuilder(value, names, reasons);
  };
  let page = nextPage();
  let rows = 0;
  let aborted = false;
  let problem: { readonly thrown: unknown } | undefined;
  const add = (batch: ScoredBatch): void => {
    for (let first = 0; first < batch.score.length; ) {
      if (page === undefined) throw rowsDiffer(open, rows);
      const end = Math.min(first + page.space, batch.score.length);
      page.add(batchRows(batch, first, end));
      first = end;
      if (page.space > 0) continue;
      widener.append(page.finish());
      page = nextPage();
    }
  };
  const discard = async (): Promise<void> => {
    widener.close();
    await target.close();
    await place.discard();
  };
  return {
    replaced,
    notes: [],
    async write(batch) {
      checkBatch(batch, top?.count ?? 0, reasons);
      rows += batch.score.length;
      try {
        add(batch);
      } catch (thrown) {
        problem ??= { thrown: await assemblyFailure(open, place, thrown) };
        throw problem.thrown;
      }
    },
    async finish() {
      try {
        if (problem !== undefined) throw problem.thrown;
        if (aborted) throw givenUp();
        if (page !== undefined) throw rowsDiffer(open, rows);
        await checkUnchanged(WRITING, open.files);
        try {
          widener.finish();
          await target.finish();
        } catch (thrown) {
          throw await assemblyFailure(open, place, thrown);
        }
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

/** A page holds rows of one row group, and no more than a range would. */
function* pageRows({ files }: WideningPlan): Generator<number> {
  for (const { groups } of files) {
    for (const { rows } of groups) {
      for (let first = 0; first < rows; first += MOST_ROWS) yield Math.min(MOST_ROWS, rows - first);
    }
  }
}

/** @throws OddflowError OUTPUT_UNWRITABLE */
export async function assembleIn(place: OutputPlace): Promise<AssembledFile> {
  try {
    return assembleFile(place.temporary);
  } catch (thrown) {
    await place.discard();
    throw outputFailure(place, thrown);
  }
}

/** What went wrong while a file was put together, in words for people: with the input, or else with the output. */
export async function assemblyFailure(
  open: OpenTable,
  place: OutputPlace,
  thrown: unknown,
): Promise<unknown> {
  return (await changeOf(WRITING, open.files)) ?? outputFailure(place, thrown);
}
