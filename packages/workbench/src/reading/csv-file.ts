import { OddflowError } from "@oddflow/preprocessing";
import { ColumnBuilder } from "./column-builder.ts";
import { plainNumber, textColumn } from "./column-types.ts";
import { CsvRows, findDelimiter } from "./csv-rows.ts";
import type { FlowColumns } from "./flow-columns.ts";
import type { TextFile } from "./text-pieces.ts";

/** The longest first line that is waited for, in characters. */
const LONGEST_LINE = 1 << 20;

/**
 * Reads a CSV or TSV file, whose first line names the columns. An empty cell holds nothing.
 * @param onRows is told how many rows there are so far
 * @throws OddflowError TABLE_UNREADABLE, with the line; TABLE_EMPTY
 */
export async function readCsv(file: TextFile, onRows: (rows: number) => void): Promise<FlowColumns> {
  let parser: CsvRows | undefined;
  let builders: ColumnBuilder[] | undefined;
  let start = "";
  const take = (rows: readonly string[][]): void => {
    for (const cells of rows) {
      if (builders === undefined) builders = columnNames(cells).map((name) => new ColumnBuilder(name));
      else appendRow(builders, cells);
    }
    onRows(builders?.[0]?.rows ?? 0);
  };
  for await (const piece of file.pieces()) {
    if (parser === undefined) {
      start += piece;
      if (!/[\r\n]/.test(start) && start.length < LONGEST_LINE) continue;
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
  return { name: file.name, rows, columns: builders.map((builder) => textColumn(builder.finish())) };
}

function startParser({ name }: TextFile, start: string): CsvRows {
  const isTsv = /\.tsv(\.gz)?$/i.test(name);
  return new CsvRows(name, isTsv ? "\t" : findDelimiter(start.split(/[\r\n]/, 1)[0] ?? ""));
}

function appendRow(builders: readonly ColumnBuilder[], cells: readonly string[]): void {
  for (const [index, builder] of builders.entries()) {
    const text = cells[index] ?? "";
    const number = plainNumber(text);
    if (number !== undefined) builder.appendNumber(number);
    else builder.appendOther(text === "" ? null : text);
  }
}

/** A name that stands twice gets a number, as DuckDB does it; a column without a name is called by its place. */
function columnNames(cells: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return cells.map((cell, index) => {
    const name = cell === "" ? `column${index}` : cell;
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    return times === 0 ? name : `${name}_${times}`;
  });
}
