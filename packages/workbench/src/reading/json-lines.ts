import { OddflowError } from "@oddflow/preprocessing";
import { ColumnBuilder } from "./column-builder.ts";
import { typedColumn } from "./column-types.ts";
import type { FlowColumns } from "./flow-columns.ts";
import { type TextFile, textLines } from "./text-pieces.ts";

/** Rows between two reports of progress. */
const STEP = 1000;

/**
 * Reads JSON lines, one record a line; a file that begins with a bracket is a list of records. Every key that any record
 * has is a column; where a record lacks it, the row holds nothing.
 * @throws OddflowError TABLE_UNREADABLE, with the line; TABLE_EMPTY
 */
export async function readJsonLines(file: TextFile, onRows: (rows: number) => void): Promise<FlowColumns> {
  const table = new RecordColumns();
  for await (const { line, number } of textLines(file.pieces())) {
    const text = line.trim();
    if (text === "") continue;
    if (table.rows === 0 && text.startsWith("[")) return readList(file, onRows);
    const record = parseRecord(text);
    if (record === undefined) {
      const shown = text.length > 60 ? `${text.slice(0, 57)}...` : text;
      throw unreadable(
        file.name,
        `line ${number} is no JSON object: ${JSON.stringify(shown)}; correct or remove it`,
      );
    }
    table.append(record);
    if (table.rows % STEP === 0) onRows(table.rows);
  }
  return finish(file.name, table);
}

async function readList(file: TextFile, onRows: (rows: number) => void): Promise<FlowColumns> {
  let text = "";
  for await (const piece of file.pieces()) text += piece;
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw unreadable(file.name, `${reason}; correct it, or write one record a line`);
  }
  const table = new RecordColumns();
  for (const [index, record] of (Array.isArray(list) ? list : []).entries()) {
    if (!isRecord(record))
      throw unreadable(file.name, `entry ${index + 1} of its list is no object; correct it`);
    table.append(record);
    if (table.rows % STEP === 0) onRows(table.rows);
  }
  return finish(file.name, table);
}

/** Records, as columns. */
class RecordColumns {
  rows = 0;
  readonly builders: Map<string, ColumnBuilder> = new Map();

  append(record: Readonly<Record<string, unknown>>): void {
    for (const key of Object.keys(record)) {
      let builder = this.builders.get(key);
      if (builder === undefined) {
        builder = new ColumnBuilder(key);
        this.builders.set(key, builder);
      }
      builder.padTo(this.rows);
      builder.append(record[key]);
    }
    this.rows++;
  }
}

function finish(name: string, { rows, builders }: RecordColumns): FlowColumns {
  if (rows === 0) {
    throw new OddflowError("TABLE_EMPTY", `open table: ${name} holds no rows; expected at least one flow`);
  }
  const columns = [...builders.values()].map((builder) => {
    builder.padTo(rows);
    return typedColumn(builder.finish());
  });
  return { name, rows, columns };
}

function parseRecord(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unreadable(name: string, problem: string): OddflowError {
  return new OddflowError("TABLE_UNREADABLE", `open table: ${name} cannot be read as JSON lines: ${problem}`);
}
