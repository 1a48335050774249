import { OddflowError } from "@oddflow/preprocessing";
import { tableName } from "./find-columns.ts";
import type { OpenTable } from "./flow-table.ts";
import { type OutputPlace, outputUnwritable } from "./output-place.ts";
import { reasonOf } from "./read-failure.ts";
import { changedFile } from "./table-files.ts";
import { blameFile } from "./table-source.ts";

/** Sees that the input is as it was when it was opened. @throws OddflowError TABLE_UNREADABLE */
export async function checkUnchanged({ files }: OpenTable): Promise<void> {
  const changed = await changedFile(files);
  if (changed !== undefined) throw inputChanged(changed.path);
}

/** Says what DuckDB threw while it wrote a scored table, or a part of one, in words for people. */
export async function writeFailure(
  open: OpenTable,
  place: Pick<OutputPlace, "path" | "temporary">,
  thrown: unknown,
): Promise<unknown> {
  const reason = reasonOf(thrown);
  if (/no space left|quota exceeded|file too large/i.test(reason)) {
    return outputUnwritable(place.path, "no space is left; free some or name another folder", thrown);
  }
  if (reason.includes(place.temporary)) return outputUnwritable(place.path, reason, thrown);
  const changed = await changedFile(open.files);
  if (changed !== undefined) return inputChanged(changed.path);
  return blameFile(
    "write scored table",
    open.session,
    open.files,
    (some) => open.source.relation(some),
    thrown,
  );
}

/** What a writer throws when it was told to give up. */
export function givenUp(): DOMException {
  return new DOMException("write scored table: given up", "AbortError");
}

function inputChanged(path: string): OddflowError {
  return new OddflowError(
    "TABLE_UNREADABLE",
    `write scored table: ${path} was changed while it was scored; score it again`,
  );
}

export function rowsDiffer(open: OpenTable, rows: number): OddflowError {
  return new OddflowError(
    "TABLE_UNREADABLE",
    `write scored table: ${tableName(open.files)} had ${open.source.rows} rows when it was opened and ${rows} were scored; ` +
      "score it again",
  );
}
