import { closeSync, openSync } from "node:fs";
import {
  type ChunkClaim,
  checkParquetFooter,
  type ParquetClaims,
  type RowGroupClaim,
  type SchemaClaim,
  type ThriftStruct,
} from "@oddflow/flow-sources";
import { checkRowCount } from "./check-row-counts.ts";
import { COLUMN, COLUMN_METADATA, FILE, type FileFooter, ROW_GROUP, readFooter, SCHEMA } from "./footer.ts";
import { bytesBehind, chunkPlace } from "./stored-columns.ts";
import { asStruct, integerField, integerOr0, structsField, takenOut, textField } from "./thrift-values.ts";

const REPEATED = 2n;

/**
 * The footer of a file, all that it says held against what else it says, and its rows against the pages of a column.
 * @throws Error that says in words what contradicts what, or cannot be read
 */
export function checkedFooter(path: string): FileFooter {
  const file = openSync(path, "r");
  try {
    const read = readFooter(file);
    const behind = bytesBehind(read.footer);
    checkParquetFooter(
      claimsOf(read.footer, (group, number) => checkRowCount(file, group, number, behind)),
      read.start,
    );
    return read;
  } finally {
    closeSync(file);
  }
}

type GroupCheck = (group: RowGroupClaim, number: number) => void;

function claimsOf(footer: ThriftStruct, checkGroup: GroupCheck): ParquetClaims {
  return {
    rows: integerField(footer, FILE.rows),
    schema: structsField(footer, FILE.schema).map(schemaClaim),
    rowGroups: rowGroupClaims(structsField(footer, FILE.rowGroups), checkGroup),
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

/**
 * One after the other: a large table's footer is much larger read than stored.
 * @param checkGroup is called once a group was taken, so that its places are known to be within the file
 */
function* rowGroupClaims(groups: readonly ThriftStruct[], checkGroup: GroupCheck): Generator<RowGroupClaim> {
  for (const [number, group] of groups.entries()) {
    const claim = {
      rows: integerField(group, ROW_GROUP.rows),
      chunks: structsField(group, ROW_GROUP.columns).map(chunkClaim),
    };
    yield claim;
    checkGroup(claim, number);
  }
}

function chunkClaim(chunk: ThriftStruct): ChunkClaim {
  const column = takenOut(chunk);
  const { fields } = column;
  const isInOtherFile = fields.has(COLUMN.path);
  const place = fields.has(COLUMN.encryption) ? undefined : chunkPlace(column);
  if (place === undefined) return { isInOtherFile, content: undefined };
  const metadata = takenOut(asStruct(fields.get(COLUMN.metadata)));
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
