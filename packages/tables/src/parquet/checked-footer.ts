import { closeSync, openSync } from "node:fs";
import {
  type ChunkClaim,
  checkParquetFooter,
  type ParquetClaims,
  type RowGroupClaim,
  type SchemaClaim,
  type ThriftStruct,
} from "@oddflow/flow-sources";
import { COLUMN, COLUMN_METADATA, FILE, type FileFooter, ROW_GROUP, readFooter, SCHEMA } from "./footer.ts";
import { chunkPlace } from "./stored-columns.ts";
import { asStruct, integerField, integerOr0, structsField, textField } from "./thrift-values.ts";

const REPEATED = 2n;

/**
 * The footer of a file, all that it says held against what else it says.
 * @throws Error that says in words what contradicts what, or cannot be read
 */
export function checkedFooter(path: string): FileFooter {
  const file = openSync(path, "r");
  try {
    const read = readFooter(file);
    checkParquetFooter(claimsOf(read.footer), read.start);
    return read;
  } finally {
    closeSync(file);
  }
}

function claimsOf(footer: ThriftStruct): ParquetClaims {
  return {
    rows: integerField(footer, FILE.rows),
    schema: structsField(footer, FILE.schema).map(schemaClaim),
    rowGroups: rowGroupClaims(structsField(footer, FILE.rowGroups)),
  };
}

/** The root's name says nothing, and some writers leave it out. */
function schemaClaim(element: ThriftStruct, place: number): SchemaClaim {
  return {
    name: place === 0 ? "" : textField(element, SCHEMA.name),
    children: integerOr0(element, SCHEMA.children),
    isRepeated: integerOr0(element, SCHEMA.repetition) === REPEATED,
  };
}

/** One after the other: a large table's footer is much larger read than stored. */
function* rowGroupClaims(groups: readonly ThriftStruct[]): Generator<RowGroupClaim> {
  for (const group of groups) {
    yield {
      rows: integerField(group, ROW_GROUP.rows),
      chunks: structsField(group, ROW_GROUP.columns).map(chunkClaim),
    };
  }
}

function chunkClaim(chunk: ThriftStruct): ChunkClaim {
  const isInOtherFile = chunk.fields.has(COLUMN.path);
  const place = chunk.fields.has(COLUMN.encryption) ? undefined : chunkPlace(chunk);
  if (place === undefined) return { isInOtherFile, content: undefined };
  const metadata = asStruct(chunk.fields.get(COLUMN.metadata));
  const path = metadata.fields.get(COLUMN_METADATA.path);
  return {
    isInOtherFile,
    content: {
      path: path?.type === "list" ? path.items.map(binaryText) : [],
      values: integerField(metadata, COLUMN_METADATA.values),
      ...place,
    },
  };
}

function binaryText(value: { readonly type: string; readonly value?: unknown }): string {
  return value.type === "binary" && value.value instanceof Uint8Array
    ? new TextDecoder().decode(value.value)
    : "";
}
