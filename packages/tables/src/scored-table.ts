import type { KeptFields } from "@oddflow/flow-sources";
import { SCORE_COLUMNS } from "@oddflow/preprocessing";
import type { StoredColumn } from "./column-storage.ts";
import { type FlowTable, type OpenTable, openTableOf } from "./flow-table.ts";
import { writeScoredLines } from "./json/scored-lines.ts";
import { isJsonToJson, isRowsToRows, outputColumns, rewritingNotes, widening } from "./output-columns.ts";
import { findOutputPlace, type OutputPlace } from "./output-place.ts";
import { PendingScores } from "./pending-scores.ts";
import { addedScores } from "./scored-batch.ts";
import { copySql, isTextFormat, outputFormatOf, scoreObjectsSql } from "./scored-table-sql.ts";
import type { ScoredTableOptions, ScoredTableWriter } from "./scored-table-writer.ts";
import { writeScoredRows } from "./text/scored-rows.ts";
import { checkUnchanged, failWithChange } from "./unchanged-files.ts";
import { createWidenedTableWriter } from "./widened-table.ts";
import { givenUp, rowsDiffer, WRITING, writeFailure } from "./write-failure.ts";

/**
 * Writes a table's rows, in their order, with `score` (FLOAT), `is_anomaly` (BOOLEAN), `probability` (FLOAT) and, where asked for,
 * `top_columns` (a list of texts; one text, joined with ", ", in CSV), `reasons` (JSON in JSON lines, its text
 * elsewhere; null where a row has none), `alarm_rule` and `alarm_verdict` (texts; null where no rule is about a row). Scores wait in DuckDB until `finish`, 9 bytes, 2 for each top column and the
 * reasons' text a row; the file appears whole or not at all. One writer at a time may be at work on a path.
 * @throws OddflowError USAGE (an extension of no known format, the input as output), OUTPUT_UNWRITABLE (the folder is
 * not there or not writable), COLUMNS_MISSING (a key column)
 */
export function createScoredTableWriter(
  table: FlowTable,
  options: ScoredTableOptions,
): Promise<ScoredTableWriter> {
  const open = openTableOf(table);
  return failWithChange(WRITING, open.files, () => openWriter(open, options));
}

async function openWriter(open: OpenTable, options: ScoredTableOptions): Promise<ScoredTableWriter> {
  const format = outputFormatOf(options.path);
  const { kept, replaced } = outputColumns(open, options);
  const place = await findOutputPlace(options.path, open.files);
  try {
    const plan = widening(open, format, kept);
    if (plan !== undefined) return await createWidenedTableWriter(open, place, plan, replaced, options);
    const notes = rewritingNotes(open, format, kept);
    const { reasons, rules } = addedScores(options);
    const { source, files } = open;
    if (isJsonToJson(open, options.path)) {
      const pending = await PendingScores.create(open.session, addedScores(options));
      const objects = scoreObjectsSql({ top: options.top, reasons, rules });
      const write = async (): Promise<void> => {
        const lines = await writeScoredLines(
          files,
          {
            kept: keptFields(options, kept),
            areNew: replaced.length === 0 && !SCORE_COLUMNS.some((name) => source.objects?.has(name)),
            ofFile: fieldsOfFiles(open, kept),
            haveEvents: (source.readings ?? []).some(({ leftOut }) => leftOut.size > 0),
          },
          pending.texts(objects),
          place.temporary,
        );
        if (lines !== source.rows) throw rowsDiffer(open, lines);
      };
      return scoredTableWriter(open, place, pending, write, { replaced, notes });
    }
    if (isRowsToRows(open, options.path)) {
      const pending = await PendingScores.create(open.session, addedScores(options));
      const objects = scoreObjectsSql({ top: options.top, reasons, rules });
      const write = async (): Promise<void> => {
        const added = pending.texts(objects);
        const rows = await writeScoredRows(
          files,
          keptFields(options, kept),
          added,
          place.temporary,
          fieldsOfFiles(open, kept),
        );
        if (rows !== source.rows) throw rowsDiffer(open, rows);
      };
      return scoredTableWriter(open, place, pending, write, { replaced, notes });
    }
    // A CSV that becomes a CSV keeps its text letter for letter: 1.50 stays 1.50.
    const asText = isTextFormat(format) && source.isText ? new Set(kept.map(({ name }) => name)) : undefined;
    const relation = source.relation(files, undefined, asText);
    const sql = copySql({
      relation,
      kept,
      format,
      top: options.top,
      reasons,
      rules,
      header: true,
      to: place.temporary,
    });
    const pending = await PendingScores.create(open.session, addedScores(options));
    return scoredTableWriter(open, place, pending, () => pending.write(sql), { replaced, notes });
  } catch (thrown) {
    await place.discard();
    throw thrown;
  }
}

function scoredTableWriter(
  open: OpenTable,
  place: OutputPlace,
  pending: PendingScores,
  write: () => Promise<void>,
  told: Pick<ScoredTableWriter, "replaced" | "notes">,
): ScoredTableWriter {
  let finishing: Promise<void> | undefined;
  let aborted = false;
  const close = async (): Promise<void> => {
    pending.close();
    await place.discard();
  };
  const copy = async (): Promise<void> => {
    try {
      if (pending.rows !== open.source.rows) throw rowsDiffer(open, pending.rows);
      await write().catch(async (thrown: unknown) => {
        throw aborted ? givenUp() : await writeFailure(open, place, thrown);
      });
      if (aborted) throw givenUp();
      // DuckDB fills up with nulls where one side of the join is shorter, so the input must be as it was counted.
      await checkUnchanged(WRITING, open.files);
      await place.take();
    } finally {
      await close();
    }
  };
  return {
    ...told,
    write: (batch) => pending.add(batch),
    finish() {
      finishing ??= copy();
      return finishing;
    },
    async abort() {
      aborted = true;
      if (finishing === undefined) return close();
      pending.interrupt();
      await finishing.catch(() => undefined);
    },
  };
}

/** The fields that each file's folders give all of its records, as a JSON object by the file's path. */
function fieldsOfFiles({ files }: OpenTable, kept: readonly StoredColumn[]): ReadonlyMap<string, string> {
  return new Map(
    files.map(({ path }) => {
      const fields = kept.flatMap(({ name, folderValues }) =>
        folderValues ? [[name, folderValues.get(path) ?? null] as const] : [],
      );
      return [path, JSON.stringify(Object.fromEntries(fields))];
    }),
  );
}

function keptFields({ columns }: ScoredTableOptions, kept: readonly StoredColumn[]): KeptFields {
  return columns === "keys" ? { only: kept.map(({ name }) => name) } : columns;
}
