import {
  findSensor,
  isSpace,
  JsonFields,
  JsonItemFramer,
  LineFramer,
  noFlowWords,
  readJsonRecord,
  skipSpace,
  withoutSampling,
} from "@oddflow/flow-sources";
import { type FlowRecord, OddflowError, type RecordProblem } from "@oddflow/preprocessing";
import { ColumnBuilder, type GatheredColumn } from "./column-builder.ts";
import { integerOfText, typedColumn } from "./column-types.ts";
import type { FlowColumns } from "./flow-columns.ts";
import { noFlow } from "./flow-rows.ts";
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
  const areLines = /\.(ndjson|jsonl)(\.gz|\.zst)?$/i.test(file.name);
  const leftOut = new Map<string, number>();
  for await (const records of framedRecords(file, areLines ? new LineFramer() : new JsonItemFramer())) {
    for (const { bytes, line } of records) {
      const text = withoutSpace(bytes);
      if (text.length === 0) continue;
      const reading = readJsonRecord(text);
      if ("problem" in reading) throw noRecord(file.name, line, reading.problem);
      const noFlow = noFlowWords(reading.record);
      if (noFlow !== undefined) {
        leftOut.set(noFlow, (leftOut.get(noFlow) ?? 0) + 1);
        continue;
      }
      table.append(withoutSampling(withWideIntegers(reading.record, text)));
      if (table.rows % STEP === 0) onRows(table.rows);
    }
  }
  return finish(file.name, table, leftOut);
}

function withoutSpace(bytes: Uint8Array): Uint8Array {
  const start = skipSpace(bytes, bytes.length, 0);
  let { length: end } = bytes;
  while (end > start && isSpace(bytes[end - 1] as number)) end--;
  return bytes.subarray(start, end);
}

/** The record with its integers beyond 2^53 as bigints: their digits stay. */
function withWideIntegers(record: FlowRecord, bytes: Uint8Array): FlowRecord {
  if (!Object.values(record).some(mayBeWide)) return record;
  const fields = new JsonFields();
  fields.find(bytes, 0, bytes.length);
  const decoder = new TextDecoder();
  const wide = Array.from({ length: fields.count }, (_, field): [string, unknown] => {
    const name = fields.name(field);
    const value = record[name];
    const text = bytes.subarray(fields.value(field), fields.end(field));
    return [
      name,
      isObject(value) ? withWideIntegers(value, text) : (integerOfText(decoder.decode(text)) ?? value),
    ];
  });
  return Object.fromEntries(wide);
}

function mayBeWide(value: unknown): boolean {
  if (typeof value === "number") return Math.abs(value) >= 2 ** 53;
  return isObject(value) && Object.values(value).some(mayBeWide);
}

function isObject(value: unknown): value is FlowRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Records, as columns. */
class RecordColumns {
  rows = 0;
  readonly builders: Map<string, ColumnBuilder> = new Map();

  append(record: FlowRecord): void {
    this.#appendFields(record, "");
    this.rows++;
  }

  /**
   * A field of an object is a column, with the object's name and a dot before its own; a field that has a dot in its own name
   * counts before it.
   */
  #appendFields(fields: FlowRecord, outer: string): void {
    const objects: [name: string, FlowRecord][] = [];
    for (const key of Object.keys(fields)) {
      const value = fields[key];
      if (isObject(value)) objects.push([outer + key, value]);
      this.#appendValue(outer + key, isObject(value) ? ANY_OBJECT : value);
    }
    for (const [name, object] of objects) this.#appendFields(object, `${name}.`);
  }

  #appendValue(name: string, value: unknown): void {
    let builder = this.builders.get(name);
    if (builder === undefined) {
      builder = new ColumnBuilder(name);
      this.builders.set(name, builder);
    }
    if (builder.rows > this.rows) return;
    builder.padTo(this.rows);
    builder.append(value);
  }
}

/** Stands where a record has an object, whose fields are columns of their own. */
const ANY_OBJECT: object = {};

function finish(
  name: string,
  { rows, builders }: RecordColumns,
  leftOut: ReadonlyMap<string, number>,
): FlowColumns {
  if (rows === 0) throw noFlow(name, leftOut);
  const gathered = [...builders.values()].map((builder) => {
    builder.padTo(rows);
    return builder.finish();
  });
  const columns = gathered.filter((column) => !isObjectsAlone(column)).map(typedColumn);
  if (columns.length === 0) {
    throw new OddflowError(
      "TABLE_EMPTY",
      `open table: ${name}: its records have no fields; check how it was written`,
    );
  }
  const sensor = findSensor(columns.map((column) => column.name));
  return {
    name,
    rows,
    columns,
    ...(sensor === undefined ? {} : { takenFor: sensor.title }),
    leftOut,
  };
}

function isObjectsAlone({ numbers, others }: GatheredColumn): boolean {
  return (
    numbers === undefined &&
    others.some(isObject) &&
    others.every((value) => value === null || isObject(value))
  );
}

function noRecord(name: string, line: number, { found, expected }: RecordProblem): OddflowError {
  const problem = expected === "JSON" ? `is no JSON: ${found}` : `holds ${found}, expected ${expected}`;
  return new OddflowError(
    "TABLE_UNREADABLE",
    `open table: ${name} cannot be read as JSON lines: line ${line} ${problem}; correct or remove it`,
  );
}
