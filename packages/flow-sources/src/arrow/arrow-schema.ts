import { type ArrowType, readType, type StoredType } from "./arrow-types.ts";
import { FlatTable } from "./flat-table.ts";

/** A column of a stream's, or a part of one. */
export interface ArrowField {
  readonly name: string;
  /** Of its values: of one with a dictionary, the dictionary's. */
  readonly type: ArrowType;
  /** Buffers of its own in a record batch. */
  readonly buffers: number;
  readonly hasViews: boolean;
  /** The parts of its values. */
  readonly children: readonly ArrowField[];
  /** Where each value is a place in a dictionary. */
  readonly dictionary: ArrowDictionaryUse | undefined;
  /** Where its table lies in the schema's bytes. */
  readonly at: number;
}

interface ArrowDictionaryUse {
  readonly id: number;
  /** Of the places. */
  readonly bits: number;
  readonly isSigned: boolean;
}

/** What a stream begins with. */
export interface ArrowSchema {
  readonly fields: readonly ArrowField[];
  /** The message that it was read from. */
  readonly message: FlatTable;
  /** Its bytes. */
  readonly bytes: Uint8Array;
}

/** Why a stream cannot be read, in words that end a sentence. */
export class ArrowFault extends Error {
  override readonly name = "ArrowFault";
}

/** Tables of a message. Source: github.com/apache/arrow, format/Message.fbs and Schema.fbs */
export const MESSAGE = { version: 0, kind: 1, header: 2, bodyLength: 3, metadata: 4 } as const;
export const SCHEMA_TABLE = { endianness: 0, fields: 1, metadata: 2, features: 3 } as const;
export const FIELD = {
  name: 0,
  nullable: 1,
  typeCode: 2,
  type: 3,
  dictionary: 4,
  children: 5,
  metadata: 6,
} as const;

/** More fields, or fields in fields, than any table of flows has. */
const MOST_FIELDS = 100_000;
const DEEPEST = 64;

/** @throws ArrowFault, RangeError for a schema that cannot be read */
export function readSchema(bytes: Uint8Array): ArrowSchema {
  const message = FlatTable.root(bytes);
  const schema = message.table(MESSAGE.header);
  if (schema === undefined) throw new ArrowFault("its schema is empty");
  if (schema.int16(SCHEMA_TABLE.endianness) !== 0) {
    throw new ArrowFault(
      "its numbers are big-endian; write it on a machine, or with a writer, that is little-endian",
    );
  }
  const version = message.int16(MESSAGE.version);
  let count = 0;
  const field = (table: FlatTable, depth: number): ArrowField => {
    if (++count > MOST_FIELDS || depth > DEEPEST) throw new ArrowFault("its schema has too many fields");
    const name = table.text(FIELD.name);
    const stored = storedType(table, version);
    if (stored === undefined) {
      throw new ArrowFault(
        `column "${name}" has a type that is not known (${table.uint8(FIELD.typeCode)}); leave it out or convert it first`,
      );
    }
    const children = table.tables(FIELD.children).map((child) => field(child, depth + 1));
    const dictionary = table.table(FIELD.dictionary);
    return {
      name,
      type: stored.type,
      buffers: stored.buffers,
      hasViews: stored.hasViews === true,
      children,
      dictionary: dictionary && dictionaryUse(dictionary),
      at: table.at,
    };
  };
  return { fields: schema.tables(SCHEMA_TABLE.fields).map((table) => field(table, 0)), message, bytes };
}

function storedType(table: FlatTable, version: number): StoredType | undefined {
  const type = table.table(FIELD.type);
  return type && readType(table.uint8(FIELD.typeCode), type, version);
}

function dictionaryUse(table: FlatTable): ArrowDictionaryUse {
  const index = table.table(1);
  return {
    id: table.int64(0),
    bits: index?.int32(0) ?? 32,
    isSigned: index === undefined || index.uint8(1) !== 0,
  };
}
