import { OddflowError } from "@oddflow/preprocessing";
import { formatName, type TableFile } from "./table-files.ts";

const ADVICE = {
  parquet: "get the file again",
  csv: "correct that line, or write the table as Parquet",
  ndjson: "correct that line, or write the table as Parquet",
} as const;

/** The longest reason that a message quotes from DuckDB. */
const LONGEST_REASON = 300;

/** Turns what DuckDB threw while it read `file` into the one-line error that people see. */
export function readFailure(operation: string, file: TableFile, thrown: unknown): OddflowError {
  const reason = reasonOf(thrown);
  const problem = file.format === "parquet" ? `it is damaged (${reason})` : reason;
  return new OddflowError(
    "TABLE_UNREADABLE",
    `${operation}: ${file.path} cannot be read as ${formatName(file.format)}: ${problem}; ${ADVICE[file.format]}`,
    { cause: thrown },
  );
}

/** DuckDB's message on one line, without its advice about DuckDB's options and the statement it quotes. */
export function reasonOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const lines: string[] = [];
  for (const line of message.split("\n").map((text) => text.trim())) {
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
