import type { ScoredRows } from "@oddflow/preprocessing";
import { assembleOutput } from "./assembled-output.ts";
import type { OpenTable } from "./flow-table.ts";
import type { OutputPlace } from "./output-place.ts";
import { addedColumns } from "./parquet/added-columns.ts";
import { ColumnWidener } from "./parquet/column-widener.ts";
import { ScorePageBuilder } from "./parquet/score-pages.ts";
import type { WideningPlan } from "./parquet/widening-plan.ts";
import { MOST_ROWS } from "./row-ranges.ts";
import { addedScores, batchRows, checkBatch } from "./scored-batch.ts";
import type { ScoredTableOptions, ScoredTableWriter } from "./scored-table-writer.ts";
import { rowsDiffer } from "./write-failure.ts";

/** Writes a Parquet table as Parquet: its own pages, and those of the scores, row group by row group as scores come. */
export async function createWidenedTableWriter(
  open: OpenTable,
  place: OutputPlace,
  plan: WideningPlan,
  replaced: readonly string[],
  options: ScoredTableOptions,
): Promise<ScoredTableWriter> {
  const { top } = options;
  const added = addedScores(options);
  const output = await assembleOutput(
    open,
    place,
    (target) => new ColumnWidener(plan, addedColumns(top?.names, added), target),
  );
  const sizes = pageRows(plan);
  const nextPage = (): ScorePageBuilder | undefined => {
    const { value } = sizes.next();
    return value === undefined ? undefined : new ScorePageBuilder(value, added, top?.names.length);
  };
  let page = nextPage();
  let rows = 0;
  let problem: { readonly thrown: unknown } | undefined;
  const add = (batch: ScoredRows): void => {
    for (let first = 0; first < batch.score.length; ) {
      if (page === undefined) throw rowsDiffer(open, rows);
      const end = Math.min(first + page.space, batch.score.length);
      page.add(batchRows(batch, first, end));
      first = end;
      if (page.space > 0) continue;
      output.assembly.append(page.finish());
      page = nextPage();
    }
  };
  return {
    replaced,
    notes: [],
    async write(batch) {
      checkBatch(batch, added);
      rows += batch.score.length;
      await output
        .attempt(() => add(batch))
        .catch((thrown: unknown) => {
          problem ??= { thrown };
          throw problem.thrown;
        });
    },
    finish: () =>
      output.finish(() => {
        if (problem !== undefined) throw problem.thrown;
        if (page !== undefined) throw rowsDiffer(open, rows);
      }),
    abort: () => output.abort(),
  };
}

/** A page holds rows of one row group, and no more than a range would. */
export function* pageRows({ files }: WideningPlan): Generator<number> {
  for (const { groups } of files) {
    for (const { rows } of groups) {
      for (let first = 0; first < rows; first += MOST_ROWS) yield Math.min(MOST_ROWS, rows - first);
    }
  }
}
