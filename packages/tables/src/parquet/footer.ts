import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { ThriftStruct } from "@oddflow/flow-sources";
import { readThriftStruct } from "@oddflow/flow-sources";
import { writeThriftStruct } from "./thrift-writer.ts";

/*
 * Where a Parquet file's footer is, and the numbers of its fields as far as they are used here.
 * Source: github.com/apache/parquet-format, README.md and src/main/thrift/parquet.thrift
 */

export const FILE = {
  version: 1,
  schema: 2,
  rows: 3,
  rowGroups: 4,
  keyValues: 5,
  createdBy: 6,
  columnOrders: 7,
  encryption: 8,
} as const;
export const SCHEMA = {
  type: 1,
  repetition: 3,
  name: 4,
  children: 5,
  convertedType: 6,
  precision: 8,
  logicalType: 10,
} as const;
export const ROW_GROUP = {
  columns: 1,
  bytes: 2,
  rows: 3,
  offset: 5,
  compressedBytes: 6,
  ordinal: 7,
} as const;
export const COLUMN = {
  path: 1,
  offset: 2,
  metadata: 3,
  offsetIndex: 4,
  offsetIndexLength: 5,
  columnIndex: 6,
  columnIndexLength: 7,
  encryption: 8,
  encryptedMetadata: 9,
} as const;
export const COLUMN_METADATA = {
  type: 1,
  encodings: 2,
  path: 3,
  codec: 4,
  values: 5,
  bytes: 6,
  compressedBytes: 7,
  dataPage: 9,
  indexPage: 10,
  dictionaryPage: 11,
  statistics: 12,
  bloomFilter: 14,
  bloomFilterLength: 15,
} as const;

/** "PAR1", at both ends of a Parquet file. */
export const MAGIC: Uint8Array = new TextEncoder().encode("PAR1");

/** The footer's length and "PAR1". */
const TAIL_BYTES = 8;

export interface FileFooter {
  readonly footer: ThriftStruct;
  /** Where the footer begins: the bytes before it are the file's data. */
  readonly start: number;
}

/** Reads the footer of an open Parquet file. @throws Error where there is none that can be read */
export function readFooter(file: number): FileFooter {
  const { size } = fstatSync(file);
  const tail = readBytes(file, size - TAIL_BYTES, TAIL_BYTES);
  if (Buffer.compare(tail.subarray(4), MAGIC) !== 0)
    throw new Error("read Parquet footer: no PAR1 at the end");
  const length = tail.readUInt32LE(0);
  const start = size - TAIL_BYTES - length;
  if (start < MAGIC.length)
    throw new Error(`read Parquet footer: ${length} bytes do not fit a file of ${size}`);
  return { footer: readThriftStruct(readBytes(file, start, length)), start };
}

/** The footer of a file; undefined where it has none that is understood here, which others may understand. */
export function footerOf(path: string): FileFooter | undefined {
  const file = openSync(path, "r");
  try {
    return readFooter(file);
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}

/** A footer as it stands at the end of a file. */
export function footerBytes(footer: ThriftStruct): Uint8Array {
  const bytes = writeThriftStruct(footer);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([bytes, length, MAGIC]);
}

function readBytes(file: number, start: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const read = readSync(file, bytes, 0, length, start);
  if (read < length) throw new Error(`read Parquet footer: the file ends at byte ${start + read}`);
  return bytes;
}
