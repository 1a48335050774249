import { OddflowError } from "@oddflow/preprocessing";
import { tableName } from "./find-columns.ts";
import type { OpenTable } from "./flow-table.ts";
import { type OutputPlace, outputFailure, outputUnwritable } from "./output-place.ts";
import { NO_SPACE, reasonOf } from "./read-failure.ts";
import { systemError } from "./system-error.ts";
import { blameFile } from "./table-source.ts";

/** The operation, in messages. */
export const WRITING = "write scored table";

/** Says what DuckDB threw while it wrote a scored table, or a shard of one, in words for people. */
export async function writeFailure(
  open: OpenTable,
  place: Pick<OutputPlace, "path" | "temporary">,
  thrown: unknown,
): Promise<unknown> {
  const reason = reasonOf(thrown);
  if (systemError(thrown)?.syscall === "write") return outputFailure(place, thrown);
  if (NO_SPACE.test(reason) && !reason.includes(open.session.folder)) {
    return outputUnwritable(place.path, "no space is left; free some or name another folder", thrown);
  }
  if (reason.includes(place.temporary)) return outputUnwritable(place.path, reason, thrown);
  return blameFile(WRITING, open.session, open.files, (some) => open.source.relation(some), thrown);
}

/** What a writer throws when it was told to give up. */
export function givenUp(): DOMException {
  return new DOMException(`${WRITING}: given up`, "AbortError");
}

export function rowsDiffer(open: OpenTable, rows: number): OddflowError {
  return new OddflowError(
    "TABLE_UNREADABLE",
    `${WRITING}: ${tableName(open.files)} had ${open.source.rows} rows when it was opened and ${rows} were scored; ` +
      "score it again",
  );
}
