import { closeSync, openSync } from "node:fs";
import {
  COLUMN,
  COLUMN_METADATA,
  FILE,
  type FileFooter,
  MAGIC,
  ROW_GROUP,
  readFooter,
  SCHEMA,
} from "./footer.ts";
import { chunkPlace, storedLeaves } from "./stored-columns.ts";
import type { ThriftStruct } from "./thrift-compact.ts";
import { asStruct, integerField, integerOr0, structsField, textField } from "./thrift-values.ts";

const REPEATED = 2n;

/** Numbers of fields within a column's logical type. Source: github.com/apache/parquet-format, parquet.thrift */
const LOGICAL = { decimal: 5, timestamp: 8 };
const DECIMAL_PRECISION = 2;
const TIMESTAMP = { isUtc: 1, unit: 2 };
const NANOSECONDS = 3;

/** Columns nested deeper than this are no flow's. */
const DEEPEST_NESTING = 100;

/** A DECIMAL of more digits has no type in the database that reads files here. */
const MOST_DECIMAL_DIGITS = 38n;

/** Each page tells its rows in 32 bits, so a file of a few bytes can say that it holds billions; nobody's holds so many. */
const MOST_ROWS = 1n << 34n;

/** A column that holds values. */
interface Leaf {
  readonly path: readonly string[];
  /** Whether a row may have several values, or none, in it. */
  readonly isRepeated: boolean;
}

/**
 * The footer of a file, all that it says held against what else it says, so that whoever follows it meets no place outside
 * of the file and no number of rows that is not there.
 * @throws Error that says in words what contradicts what, or cannot be read
 */
export function checkedFooter(path: string): FileFooter {
  const file = openSync(path, "r");
  try {
    const read = readFooter(file);
    checkFooter(read);
    return read;
  } finally {
    closeSync(file);
  }
}

function checkFooter({ footer, start }: FileFooter): void {
  const leaves = readLeaves(structsField(footer, FILE.schema));
  const rows = integerField(footer, FILE.rows);
  let sum = 0n;
  const places: { start: number; end: number; what: string }[] = [];
  for (const [number, group] of structsField(footer, FILE.rowGroups).entries()) {
    const own = integerField(group, ROW_GROUP.rows);
    if (own < 0n) throw contradiction(`row group ${number} has ${own} rows`);
    sum += own;
    const chunks = structsField(group, ROW_GROUP.columns);
    if (chunks.length !== leaves.length) {
      throw contradiction(`row group ${number} has ${chunks.length} columns, the schema ${leaves.length}`);
    }
    if (own === 0n) continue;
    for (const [column, chunk] of chunks.entries()) {
      const leaf = leaves[column] as Leaf;
      const what = `column ${leaf.path.join(".")} of row group ${number}`;
      checkChunk(chunk, leaf, own, what);
      const place = chunkPlace(chunk);
      if (place === undefined) continue;
      if (!(place.start >= MAGIC.length && place.end >= place.start && place.end <= start)) {
        throw contradiction(
          `${what} lies in bytes ${place.start} to ${place.end}, the data in ${MAGIC.length} to ${start}`,
        );
      }
      places.push({ ...place, what });
    }
  }
  if (rows > MOST_ROWS) throw contradiction(`it has ${rows} rows, which are more than any file holds`);
  if (sum !== rows) throw contradiction(`its row groups have ${sum} rows, the file ${rows}`);
  checkApart(places);
}

/** The columns that hold values, in the order of the chunks of a row group. */
function readLeaves(elements: readonly ThriftStruct[]): readonly Leaf[] {
  const leaves: Leaf[] = [];
  let at = 0;
  const read = (path: readonly string[], isRepeated: boolean): void => {
    const element = elements[at++];
    if (element === undefined)
      throw contradiction(`its schema has ${elements.length} elements and names more`);
    if (path.length > DEEPEST_NESTING)
      throw contradiction(`its columns are nested more than ${DEEPEST_NESTING} deep`);
    const children = integerOr0(element, SCHEMA.children);
    const isRoot = at === 1;
    const own = isRoot ? path : [...path, textField(element, SCHEMA.name)];
    const repeats = isRepeated || (!isRoot && integerOr0(element, SCHEMA.repetition) === REPEATED);
    if (children < 0n || children > elements.length) {
      throw contradiction(`column ${own.join(".") || "root"} has ${children} parts`);
    }
    if (children === 0n && !isRoot) leaves.push({ path: own, isRepeated: repeats });
    for (let child = 0n; child < children; child++) read(own, repeats);
  };
  read([], false);
  if (at !== elements.length)
    throw contradiction(`its schema has ${elements.length} elements and names ${at}`);
  return leaves;
}

function checkChunk(chunk: ThriftStruct, leaf: Leaf, rows: bigint, what: string): void {
  if (chunk.fields.has(COLUMN.path)) {
    throw contradiction(`${what} lies in another file; name the files that hold the data`);
  }
  if (chunk.fields.has(COLUMN.encryption)) return;
  const metadata = asStruct(chunk.fields.get(COLUMN.metadata));
  const values = integerField(metadata, COLUMN_METADATA.values);
  if (values < rows || (!leaf.isRepeated && values > rows)) {
    throw contradiction(`${what} has ${values} values for ${rows} rows`);
  }
  const path = metadata.fields.get(COLUMN_METADATA.path);
  const names = path?.type === "list" ? path.items.map(binaryText) : [];
  if (names.join("\0") !== leaf.path.join("\0")) {
    throw contradiction(`${what} says that it is ${names.join(".")}`);
  }
}

function binaryText(value: { readonly type: string; readonly value?: unknown }): string {
  return value.type === "binary" && value.value instanceof Uint8Array
    ? new TextDecoder().decode(value.value)
    : "";
}

/** No two columns share bytes. */
function checkApart(places: { start: number; end: number; what: string }[]): void {
  places.sort((a, b) => a.start - b.start);
  for (const [i, place] of places.entries()) {
    const before = places[i - 1];
    if (before !== undefined && place.start < before.end) {
      throw contradiction(
        `${before.what} ends at byte ${before.end}, where ${place.what} has begun at ${place.start}`,
      );
    }
  }
}

function contradiction(what: string): Error {
  return new Error(`its footer contradicts itself: ${what}`);
}

/** The columns that hold decimals of more digits than can be read, by name. @throws Error for a schema that is none */
export function wideDecimals(footer: ThriftStruct): readonly string[] {
  return namesWhere(footer, (element) => {
    const logical = element.fields.get(SCHEMA.logicalType);
    const decimal = logical?.type === "struct" ? logical.fields.get(LOGICAL.decimal) : undefined;
    const precision = decimal?.type === "struct" ? integerOr0(decimal, DECIMAL_PRECISION) : 0n;
    return integerOr0(element, SCHEMA.precision) > MOST_DECIMAL_DIGITS || precision > MOST_DECIMAL_DIGITS;
  });
}

/** The columns that hold points of time in nanoseconds, which DuckDB reads as microseconds. @throws Error as `wideDecimals` */
export function nanosecondTimes(footer: ThriftStruct): readonly string[] {
  return namesWhere(footer, (element) => {
    const logical = element.fields.get(SCHEMA.logicalType);
    const time = logical?.type === "struct" ? logical.fields.get(LOGICAL.timestamp) : undefined;
    if (time?.type !== "struct") return false;
    const isUtc = time.fields.get(TIMESTAMP.isUtc);
    const unit = time.fields.get(TIMESTAMP.unit);
    return (
      isUtc?.type === "boolean" && isUtc.value && unit?.type === "struct" && unit.fields.has(NANOSECONDS)
    );
  });
}

function namesWhere(footer: ThriftStruct, holds: (element: ThriftStruct) => boolean): readonly string[] {
  return storedLeaves(footer)
    .filter(({ schema }) => schema.some(holds))
    .map(({ name }) => name);
}
