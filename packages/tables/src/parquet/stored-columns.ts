import { bytesBehindChunks, type ThriftStruct } from "@oddflow/flow-sources";
import { COLUMN, COLUMN_METADATA, FILE, MAGIC, SCHEMA } from "./footer.ts";
import { movedColumn } from "./joined-footer.ts";
import {
  asStruct,
  integerField,
  integerOr0,
  structsField,
  takenOut,
  textField,
  withField,
  withoutFields,
} from "./thrift-values.ts";

/** A column of a Parquet file, with all that is nested in it. */
export interface StoredLeaves {
  readonly name: string;
  /** Its element of the schema and those of what is nested in it, depth first. */
  readonly schema: readonly ThriftStruct[];
  /** Where its chunks are among those of a row group: the first, and how many. */
  readonly first: number;
  readonly count: number;
}

/** The columns of a file, in its order. @throws Error for a schema that is none */
export function storedLeaves(footer: ThriftStruct): readonly StoredLeaves[] {
  const [root, ...elements] = structsField(footer, FILE.schema);
  let at = 0;
  let leaf = 0;
  /** Passes over an element and what is nested in it. */
  const pass = (): void => {
    const element = asStruct(elements[at++]);
    const children = Number(integerOr0(element, SCHEMA.children));
    if (children === 0) leaf++;
    for (let child = 0; child < children; child++) pass();
  };
  return Array.from({ length: Number(integerField(asStruct(root), SCHEMA.children)) }, () => {
    const [start, first] = [at, leaf];
    pass();
    return {
      name: textField(asStruct(elements[start]), SCHEMA.name),
      schema: elements.slice(start, at),
      first,
      count: leaf - first,
    };
  });
}

/** Bytes of a file that hold a column's chunk of a row group. */
export interface StoredChunk {
  readonly column: ThriftStruct;
  readonly start: number;
  readonly end: number;
}

/** The bytes that a column chunk says it takes; undefined when it is encrypted. */
export function chunkPlace(
  column: ThriftStruct,
): { readonly start: number; readonly end: number } | undefined {
  const stored = column.fields.get(COLUMN.metadata);
  if (stored?.type !== "struct") return undefined;
  const metadata = takenOut(stored);
  const dataPage = integerField(metadata, COLUMN_METADATA.dataPage);
  const dictionaryPage = integerOr0(metadata, COLUMN_METADATA.dictionaryPage);
  const start = Number(dictionaryPage > 0n && dictionaryPage < dataPage ? dictionaryPage : dataPage);
  return { start, end: start + Number(integerField(metadata, COLUMN_METADATA.compressedBytes)) };
}

/**
 * Where a column chunk lies; undefined when it is encrypted, lies in another file, or not before the footer.
 * @param behind bytes behind the chunk that may belong to it
 */
export function storedChunk(
  column: ThriftStruct,
  footerStart: number,
  behind: number,
): StoredChunk | undefined {
  const elsewhere = [COLUMN.path, COLUMN.encryption, COLUMN.encryptedMetadata];
  if (elsewhere.some((id) => column.fields.has(id))) return undefined;
  const place = chunkPlace(column);
  if (place === undefined) return undefined;
  const { start, end } = place;
  if (!(start >= MAGIC.length && start <= end && end <= footerStart)) return undefined;
  return { column, start, end: Math.min(end + behind, footerStart) };
}

/** How many bytes behind a chunk of a file may belong to it. */
export function bytesBehind(footer: ThriftStruct): number {
  const writer = footer.fields.get(FILE.createdBy);
  return writer?.type === "binary" ? bytesBehindChunks(new TextDecoder().decode(writer.value)) : 0;
}

/**
 * A chunk as it is described where its pages begin at `offset`. What lies outside of its pages stays behind: page indexes
 * and Bloom filters.
 */
export function copiedChunk({ column, start }: StoredChunk, offset: number): ThriftStruct {
  const { offsetIndex, offsetIndexLength, columnIndex, columnIndexLength } = COLUMN;
  const metadata = withoutFields(asStruct(column.fields.get(COLUMN.metadata)), [
    COLUMN_METADATA.bloomFilter,
    COLUMN_METADATA.bloomFilterLength,
  ]);
  const bare = withoutFields(column, [offsetIndex, offsetIndexLength, columnIndex, columnIndexLength]);
  return movedColumn(withField(bare, COLUMN.metadata, metadata), BigInt(offset - start));
}
