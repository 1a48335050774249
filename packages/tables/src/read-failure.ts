import { dirname, sep } from "node:path";
import { OddflowError } from "@oddflow/preprocessing";
import { type SystemError, systemError } from "./system-error.ts";
import { formatName, type TableFile } from "./table-files.ts";

const ADVICE = {
  parquet: "get the file again",
  csv: "correct that line, or write the table as Parquet",
  ndjson: "correct that line, or write the table as Parquet",
} as const;

/** The longest reason that a message quotes from DuckDB. */
const LONGEST_REASON = 300;

/**
 * Turns what DuckDB threw while it read `file` into the one-line error that people see.
 * @param folder the session's own, where it may have read a copy of the file
 */
export function readFailure(
  operation: string,
  file: Pick<TableFile, "path" | "format">,
  folder: string,
  thrown: unknown,
): OddflowError {
  const ofSystem = systemError(thrown);
  if (ofSystem !== undefined) {
    return new OddflowError(
      "TABLE_UNREADABLE",
      `${operation}: ${file.path} cannot be read: the system says ${ofSystem.code}; check the disk and the file's permissions`,
      { cause: thrown },
    );
  }
  const reason = reasonOf(thrown);
  // Lines are the copy's, and its path would tell nobody which file it is of.
  const ofCopy = isOf(folder, thrown)
    ? `in a plain copy of it, ${reason.replace(copyIn(folder), "there")}`
    : reason;
  const problem = file.format === "parquet" ? `it is damaged (${reason})` : ofCopy;
  return new OddflowError(
    "TABLE_UNREADABLE",
    `${operation}: ${file.path} cannot be read as ${formatName(file.format)}: ${problem}; ${ADVICE[file.format]}`,
    { cause: thrown },
  );
}

/**
 * The error for what went wrong in the folder for temporary files, where copies of files are read from and large results
 * wait; undefined where it was something else.
 * @param folder the session's own folder in it
 */
export function temporaryFailure(
  operation: string,
  folder: string,
  thrown: unknown,
): OddflowError | undefined {
  const ofSystem = systemError(thrown);
  const reason = reasonOf(thrown);
  // What DuckDB refuses in a copy that it could read is no trouble of the folder's.
  const isThere =
    (isOf(folder, thrown) && IO_ERROR.test(textOf(thrown))) ||
    (ofSystem !== undefined && isBelow(folder, ofSystem));
  // Whoever only reads never runs out of space.
  const isFull = NO_SPACE.test(reason);
  if (!isThere && !isFull) return undefined;
  const problem = isFull
    ? "no space is left; free some"
    : `${ofSystem?.code ?? reason}; check that it is there`;
  return new OddflowError(
    "OUTPUT_UNWRITABLE",
    `${operation}: the folder for temporary files, ${dirname(folder)}, cannot be used: ${problem}, or name another with TMPDIR`,
    { cause: thrown },
  );
}

/** Whether a message names something in the folder. */
function isOf(folder: string, thrown: unknown): boolean {
  return textOf(thrown).includes(folder);
}

function copyIn(folder: string): RegExp {
  return new RegExp(`"?${folder.replace(/[^\w/]/g, "\\$&")}[^\\s"',;]*"?`, "g");
}

/** Where the system would not open or read a file. */
const IO_ERROR = /^IO Error/;

function isBelow(folder: string, { path = "" }: SystemError): boolean {
  return path === folder || path.startsWith(folder + sep);
}

/** What Node and DuckDB say where a disk, a quota or a limit is reached. */
export const NO_SPACE: RegExp = /no space left|quota exceeded|file too large/i;

/** DuckDB's message on one line, without its advice about DuckDB's options and the statement it quotes. */
export function reasonOf(thrown: unknown): string {
  const lines: string[] = [];
  for (const line of textOf(thrown)
    .split("\n")
    .map((text) => text.trim())) {
    if (/^(Possible|Try |LINE \d+:|The search space|This type was auto-detected|file = )/.test(line)) break;
    if (line !== "") lines.push(line);
  }
  const csvLine = /CSV Error on Line: (\d+)/.exec(lines[0] ?? "")?.[1];
  // The lines between are the file's own, and there may be many.
  const reason = (csvLine === undefined ? lines.join("; ") : `line ${csvLine}: ${lines.at(-1)}`)
    .replace(/^([A-Z][A-Za-z]* )+Error: /, "")
    .replace(/ Try .*$/, "")
    .replaceAll(/\s+/g, " ")
    .replace(/[.;: ]+$/, "");
  return reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON - 3)}...` : reason;
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
