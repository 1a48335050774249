import {
  isSpace,
  JsonFields,
  JsonItemFramer,
  LineFramer,
  readJsonRecord,
  skipSpace,
} from "@oddflow/flow-sources";
import { type FlowRecord, OddflowError, type RecordProblem } from "@oddflow/preprocessing";
import { ColumnBuilder } from "./column-builder.ts";
import { integerOfText, typedColumn } from "./column-types.ts";
import type { FlowColumns } from "./flow-columns.ts";
import { framedRecords, type TextFile } from "./text-pieces.ts";

/** Rows between two reports of progress. */
const STEP = 1000;

/**
 * Reads JSON lines, one record a line; other files than .ndjson and .jsonl may hold a list of records, or records over
 * several lines. Every key that any record has is a column; where a record lacks it, the row holds nothing.
 * @throws OddflowError TABLE_UNREADABLE, with the line; TABLE_EMPTY
 */
export async function readJsonLines(file: TextFile, onRows: (rows: number) => void): Promise<FlowColumns> {
  const table = new RecordColumns();
  const areLines = /\.(ndjson|jsonl)(\.gz)?$/i.test(file.name);
  for await (const records of framedRecords(file, areLines ? new LineFramer() : new JsonItemFramer())) {
    for (const { bytes, line } of records) {
      const text = withoutSpace(bytes);
      if (text.length === 0) continue;
      const reading = readJsonRecord(text);
      if ("problem" in reading) throw noRecord(file.name, line, reading.problem);
      table.append(withWideIntegers(reading.record, text));
      if (table.rows % STEP === 0) onRows(table.rows);
    }
  }
  return finish(file.name, table);
}

function withoutSpace(bytes: Uint8Array): Uint8Array {
  const start = skipSpace(bytes, bytes.length, 0);
  let { length: end } = bytes;
  while (end > start && isSpace(bytes[end - 1] as number)) end--;
  return bytes.subarray(start, end);
}

/** The record with its integers beyond 2^53 as bigints: their digits stay. */
function withWideIntegers(record: FlowRecord, bytes: Uint8Array): FlowRecord {
  if (!Object.values(record).some((value) => typeof value === "number" && Math.abs(value) >= 2 ** 53)) {
    return record;
  }
  const fields = new JsonFields();
  fields.find(bytes, 0, bytes.length);
  const decoder = new TextDecoder();
  const wide = Array.from({ length: fields.count }, (_, field): [string, unknown] => {
    const name = fields.name(field);
    const text = decoder.decode(bytes.subarray(fields.value(field), fields.end(field)));
    return [name, integerOfText(text) ?? record[name]];
  });
  return Object.fromEntries(wide);
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

function noRecord(name: string, line: number, { found, expected }: RecordProblem): OddflowError {
  const problem = expected === "JSON" ? `is no JSON: ${found}` : `holds ${found}, expected ${expected}`;
  return new OddflowError(
    "TABLE_UNREADABLE",
    `open table: ${name} cannot be read as JSON lines: line ${line} ${problem}; correct or remove it`,
  );
}
