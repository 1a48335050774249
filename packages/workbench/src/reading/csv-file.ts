import { type CsvFault, type FlowRow, FlowRows, type RowHead, TextDecoding } from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import { ColumnBuilder } from "./column-builder.ts";
import { plainNumber, textColumn } from "./column-types.ts";
import type { FlowColumns } from "./flow-columns.ts";
import type { TextFile } from "./text-pieces.ts";

/**
 * Reads a CSV or TSV file, or a log that Zeek wrote as tab-separated values. The first line names the columns, where it does
 * not hold values. An empty cell holds nothing, nor does what a row lacks that others have.
 * @param onRows is told how many rows there are so far
 * @throws OddflowError TABLE_UNREADABLE, with the line; TABLE_EMPTY
 */
export async function readCsv(file: TextFile, onRows: (rows: number) => void): Promise<FlowColumns> {
  const isTabbed = /\.tsv(\.gz|\.zst)?$/i.test(file.name);
  const rows = new FlowRows(
    ({ problem }: CsvFault) => unreadable(file.name, problem),
    isTabbed ? { delimiter: "\t" } : {},
  );
  const table = new RowColumns();
  const decoding = new TextDecoding();
  for await (const piece of file.bytes()) {
    table.append(file, rows.read(decoding.decode(piece)));
    onRows(table.rows);
  }
  table.append(file, rows.read(decoding.decode()));
  table.append(file, rows.end());
  if (table.rows === 0) {
    throw new OddflowError(
      "TABLE_EMPTY",
      `open table: ${file.name} holds no rows; expected at least one flow`,
    );
  }
  const { sensor } = rows.layout ?? {};
  return {
    name: file.name,
    rows: table.rows,
    columns: table.finish(rows.layout?.header ?? []),
    ...(sensor === undefined ? {} : { takenFor: sensor.title }),
    leftOut: rows.leftOut,
  };
}

/** Rows, as columns. */
class RowColumns {
  rows = 0;
  readonly #builders = new Map<string, ColumnBuilder>();
  #head: RowHead | undefined;
  /** Of the head's cells. */
  #columns: readonly ColumnBuilder[] = [];

  append(file: TextFile, rows: readonly FlowRow[]): void {
    for (const { head, cells, problem, noFlow } of rows) {
      if (problem !== undefined) throw unreadable(file.name, problem);
      if (noFlow !== undefined) continue;
      if (head !== this.#head) this.#useHead(head);
      for (const [index, column] of this.#columns.entries()) {
        const text = cells[index] as string;
        const number = plainNumber(text);
        if (number !== undefined) column.appendNumber(number);
        else column.appendOther(text === "" ? null : text);
      }
      this.rows++;
    }
  }

  /** @param header its cells as they stand there */
  finish(header: readonly string[]): FlowColumns["columns"] {
    return [...this.#builders.values()].map((column, k) => {
      column.padTo(this.rows);
      const cell = header[k];
      const isWrittenSo = cell === undefined || cell === column.name;
      return { ...textColumn(column.finish()), ...(isWrittenSo ? {} : { headerCell: cell }) };
    });
  }

  #useHead(head: RowHead): void {
    this.#head = head;
    this.#columns = head.names.map((name) => {
      const column = this.#builders.get(name) ?? new ColumnBuilder(name);
      this.#builders.set(name, column);
      // What came before it had no such field.
      column.padTo(this.rows);
      return column;
    });
  }
}

function unreadable(name: string, problem: string): OddflowError {
  return new OddflowError("TABLE_UNREADABLE", `open table: ${name} cannot be read as CSV: ${problem}`);
}
