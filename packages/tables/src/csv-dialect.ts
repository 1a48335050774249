import { readText, type TableFile } from "./table-files.ts";

const DELIMITERS = [",", "\t", ";", "|"] as const;

/** The longest first line that is looked at, in characters. */
const LONGEST_LINE = 1 << 20;

/** What the first line of a CSV file says. */
export interface CsvDialect {
  readonly delimiter: string;
  /** How many cells the line has. */
  readonly width: number;
}

/**
 * Finds the delimiter in the first line. DuckDB would look for the delimiter that all lines agree on: one line with a
 * cell too many, and it reads the whole table as one column.
 */
export async function findDialect(file: TableFile): Promise<CsvDialect> {
  const unquoted = (await firstLine(file)).replaceAll(/"[^"]*"/g, "");
  const count = (delimiter: string): number => unquoted.split(delimiter).length;
  const delimiter = /\.tsv(\.gz)?$/i.test(file.path)
    ? "\t"
    : DELIMITERS.reduce((best, next) => (count(next) > count(best) ? next : best));
  return { delimiter, width: count(delimiter) };
}

async function firstLine(file: TableFile): Promise<string> {
  let line = "";
  for await (const piece of readText(file)) {
    line += piece;
    if (/[\r\n]/.test(line) || line.length > LONGEST_LINE) break;
  }
  return line.split(/[\r\n]/, 1)[0] ?? "";
}
