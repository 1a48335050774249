import {
  type CsvFault,
  type CsvRow,
  CsvRows,
  columnNames,
  findDelimiter,
  fitCells,
  isHeader,
  placeNames,
  widthProblem,
} from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import { ColumnBuilder } from "./column-builder.ts";
import { plainNumber, textColumn } from "./column-types.ts";
import type { FlowColumns } from "./flow-columns.ts";
import type { TextFile } from "./text-pieces.ts";

/** The longest first line that is waited for, in characters. */
const LONGEST_LINE = 1 << 20;

/**
 * Reads a CSV or TSV file. Its first line names the columns, where it does not hold values. An empty cell holds nothing.
 * @param onRows is told how many rows there are so far
 * @throws OddflowError TABLE_UNREADABLE, with the line; TABLE_EMPTY
 */
export async function readCsv(file: TextFile, onRows: (rows: number) => void): Promise<FlowColumns> {
  let parser: CsvRows | undefined;
  let builders: ColumnBuilder[] | undefined;
  let header: readonly string[] = [];
  let start = "";
  const take = (rows: readonly CsvRow[]): void => {
    for (const row of rows) {
      if (builders === undefined) {
        if (row.cells.some((cell) => cell.includes("\0"))) {
          throw unreadable(file.name, `line ${row.line} holds a NUL byte; save the file as UTF-8 text`);
        }
        const hasHeader = isHeader(row.cells);
        const names = hasHeader ? columnNames(row.cells) : placeNames(row.cells.length);
        builders = names.map((name) => new ColumnBuilder(name));
        header = hasHeader ? row.cells : names;
        if (hasHeader) continue;
      }
      appendRow(file, builders, row);
    }
    onRows(builders?.[0]?.rows ?? 0);
  };
  for await (const piece of file.pieces()) {
    if (parser === undefined) {
      start += piece;
      if (!/[^\r\n][\r\n]/.test(start) && start.length < LONGEST_LINE) continue;
      parser = startParser(file, start);
      take(parser.read(start));
    } else take(parser.read(piece));
  }
  if (parser === undefined) {
    parser = startParser(file, start);
    take(parser.read(start));
  }
  take(parser.end());
  const rows = builders?.[0]?.rows ?? 0;
  if (builders === undefined || rows === 0) {
    throw new OddflowError(
      "TABLE_EMPTY",
      `open table: ${file.name} holds no rows; expected at least one flow`,
    );
  }
  const columns = builders.map((builder, k) => ({
    ...textColumn(builder.finish()),
    ...(header[k] === undefined || header[k] === builder.name ? {} : { headerCell: header[k] }),
  }));
  return { name: file.name, rows, columns };
}

function startParser({ name }: TextFile, start: string): CsvRows {
  const isTsv = /\.tsv(\.gz)?$/i.test(name);
  const delimiter = isTsv ? "\t" : findDelimiter(/[^\r\n]+/.exec(start)?.[0] ?? "");
  return new CsvRows(delimiter, ({ problem }: CsvFault) => unreadable(name, problem));
}

function appendRow({ name }: TextFile, builders: readonly ColumnBuilder[], row: CsvRow): void {
  const cells = fitCells(row.cells, builders.length);
  if (cells === undefined) throw unreadable(name, widthProblem(row, builders.length));
  for (const [index, builder] of builders.entries()) {
    const text = cells[index] ?? "";
    const number = plainNumber(text);
    if (number !== undefined) builder.appendNumber(number);
    else builder.appendOther(text === "" ? null : text);
  }
}

function unreadable(name: string, problem: string): OddflowError {
  return new OddflowError("TABLE_UNREADABLE", `open table: ${name} cannot be read as CSV: ${problem}`);
}
