import {
  type CsvFault,
  type CsvRow,
  CsvRows,
  columnNames,
  findDelimiter,
  isHeader,
  placeNames,
} from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import { readText, type TableFile } from "./table-files.ts";

/** The longest first line that is looked at, in characters. */
const LONGEST_LINE = 1 << 20;

/** How a CSV file is laid out, from its first row. */
export interface CsvLayout {
  readonly delimiter: string;
  /** Blank lines before the first row. */
  readonly skippedLines: number;
  readonly hasHeader: boolean;
  /** A column each, as every door names them. */
  readonly names: readonly string[];
  /** The header's cells as they stand there, which may name two columns alike; the names where there is none. */
  readonly header: readonly string[];
}

/**
 * The layout of a file. DuckDB would look for the delimiter that all lines agree on: one line with a cell too many, and it reads
 * the whole table as one column.
 * @throws OddflowError TABLE_UNREADABLE
 */
export async function readLayout(file: TableFile): Promise<CsvLayout> {
  const { row, delimiter } = await firstRow(file);
  if (row.cells.some((cell) => cell.includes("\0"))) {
    throw unreadable(file, `line ${row.line} holds a NUL byte; save the file as UTF-8 text`);
  }
  const hasHeader = isHeader(row.cells);
  const names = hasHeader ? columnNames(row.cells) : placeNames(row.cells.length);
  return {
    delimiter,
    skippedLines: row.line - 1,
    hasHeader,
    names,
    header: hasHeader ? row.cells : names,
  };
}

async function firstRow(file: TableFile): Promise<{ row: CsvRow; delimiter: string }> {
  const fail = ({ problem }: CsvFault): OddflowError => unreadable(file, problem);
  let delimiter = /\.tsv(\.gz)?$/i.test(file.path) ? "\t" : "";
  let start = "";
  let rows: CsvRows | undefined;
  for await (const piece of readText(file)) {
    start += piece;
    const isLineWhole = /[^\r\n][\r\n]/.test(start) || start.length >= LONGEST_LINE;
    if (rows === undefined && !isLineWhole) continue;
    let next = piece;
    if (rows === undefined) {
      delimiter ||= findDelimiter(firstLine(start));
      rows = new CsvRows(delimiter, fail);
      next = start;
    }
    const [row] = rows.read(next);
    if (row !== undefined) return { row, delimiter };
  }
  // The file ends before its first row does: so it has one at most.
  delimiter ||= findDelimiter(firstLine(start));
  const last = new CsvRows(delimiter, fail);
  const [row = { cells: [""], line: 1 }] = [...last.read(start), ...last.end()];
  return { row, delimiter };
}

function firstLine(text: string): string {
  return /[^\r\n]+/.exec(text)?.[0] ?? "";
}

/**
 * Holds a file of a table against the first one.
 * @throws OddflowError TABLE_UNREADABLE where one of them has a header and the other none; COLUMNS_MISSING where they share no
 * column
 */
export function checkAlike(first: TableFile, of: CsvLayout, file: TableFile, layout: CsvLayout): void {
  if (layout.hasHeader !== of.hasHeader) {
    const [bare, named] = of.hasHeader ? [file, first] : [first, file];
    throw unreadable(
      bare,
      `its first line holds values and no names, while that of ${named.path} names the columns; put the names before it`,
    );
  }
  const known = new Set(of.names);
  if (layout.names.some((name) => known.has(name))) return;
  throw new OddflowError(
    "COLUMNS_MISSING",
    `open table: ${file.path} has none of the columns of ${first.path} (its first line is ` +
      `${layout.names.slice(0, 4).join(", ")}${layout.names.length > 4 ? ", ..." : ""}); name files of one table`,
  );
}

function unreadable(file: TableFile, problem: string): OddflowError {
  return new OddflowError("TABLE_UNREADABLE", `open table: ${file.path} cannot be read as CSV: ${problem}`);
}
