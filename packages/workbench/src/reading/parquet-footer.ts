import {
  bytesBehindChunks,
  type ChunkClaim,
  checkParquetFooter,
  type RowGroupClaim,
  readThriftStruct,
} from "@oddflow/flow-sources";
import { type FileMetaData, parquetMetadata } from "hyparquet";

/** What a Parquet file begins and ends with. */
export const PARQUET_START = "PAR1";

/** The footer's length and "PAR1". */
const TAIL_BYTES = 8;

/** A value of this many bytes is no flow's. */
const LONGEST_FIXED_VALUE = 65_536;

type Chunk = FileMetaData["row_groups"][number]["columns"][number];

/** The bytes of a file from `start` to before `end`. @throws Error where the file has none of these */
export async function fileBytes(file: Blob, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  if (!(start >= 0 && end >= start && end <= file.size)) {
    throw new Error(`bytes ${start} to ${end} are asked for, the file has ${file.size}`);
  }
  return new Uint8Array(await file.slice(start, end).arrayBuffer());
}

export interface PageFooter {
  readonly metadata: FileMetaData;
  /** Where the footer begins: the bytes before it are the file's data. */
  readonly start: number;
}

/**
 * Reads a file's footer, and holds it to the checks of `@oddflow/tables`. The library does not look whether lists and numbers
 * are as long as the bytes that are there, so ours reads them first; what it made of them is then checked.
 * @throws Error for a footer that cannot be read, or contradicts itself
 */
export async function readParquetFooter(file: Blob): Promise<PageFooter> {
  if (file.size < TAIL_BYTES + PARQUET_START.length) throw new Error(`it has ${file.size} bytes`);
  const tail = await fileBytes(file, file.size - TAIL_BYTES, file.size);
  if (new TextDecoder().decode(tail.subarray(4)) !== PARQUET_START) {
    throw new Error(`there is no ${PARQUET_START} at its end`);
  }
  const length = new DataView(tail.buffer).getUint32(0, true);
  const start = file.size - TAIL_BYTES - length;
  if (start < PARQUET_START.length) {
    throw new Error(`a footer of ${length} bytes does not fit a file of ${file.size}`);
  }
  const bytes = await fileBytes(file, start, file.size);
  readThriftStruct(bytes.subarray(0, length));
  const metadata = libraryMetadata(bytes);
  checkParquetFooter(
    {
      rows: wholeNumber(metadata.num_rows, "rows"),
      schema: metadata.schema.map((element) => ({
        name: element.name,
        children: wholeNumber(element.num_children ?? 0, "children of a column"),
        isRepeated: element.repetition_type === "REPEATED",
      })),
      rowGroups: rowGroupClaims(metadata),
    },
    start,
  );
  checkNames(metadata);
  return { metadata, start };
}

/** What the library makes of a footer. What it stumbles over it tells in terms of its own code. */
function libraryMetadata(footer: Uint8Array): FileMetaData {
  try {
    return parquetMetadata(footer, { geoparquet: false });
  } catch (cause) {
    throw new Error("its footer has fields that are not of Parquet's types, or lacks some", { cause });
  }
}

function* rowGroupClaims({ row_groups: groups }: FileMetaData): Generator<RowGroupClaim> {
  for (const { num_rows: rows, columns } of groups) {
    yield { rows: wholeNumber(rows, "rows of a group"), chunks: columns.map(chunkClaim) };
  }
}

function chunkClaim(chunk: Chunk): ChunkClaim {
  if (chunk.crypto_metadata !== undefined) throw new Error("it is encrypted");
  const { meta_data: metadata } = chunk;
  if (metadata === undefined) throw new Error("a column of a row group is not described");
  return {
    isInOtherFile: chunk.file_path !== undefined,
    content: {
      path: metadata.path_in_schema,
      values: wholeNumber(metadata.num_values, "values of a column"),
      ...chunkPlace(chunk),
    },
  };
}

/** The bytes that a chunk says it takes. @throws Error where it says none */
function chunkPlace({ meta_data: metadata }: Chunk): { readonly start: number; readonly end: number } {
  const dataPage = wholeNumber(metadata?.data_page_offset, "place of a column");
  const dictionaryPage = wholeNumber(metadata?.dictionary_page_offset ?? 0, "place of a dictionary");
  const start = Number(dictionaryPage > 0n && dictionaryPage < dataPage ? dictionaryPage : dataPage);
  return { start, end: start + Number(wholeNumber(metadata?.total_compressed_size, "bytes of a column")) };
}

/** As `chunkPlace`, with the bytes behind it that may belong to it. */
export function readablePlace(
  chunk: Chunk,
  { metadata, start: footerStart }: PageFooter,
): { readonly start: number; readonly end: number } {
  const { start, end } = chunkPlace(chunk);
  return { start, end: Math.min(end + bytesBehindChunks(metadata.created_by), footerStart) };
}

/** The library tells columns by their names, and takes the length of values as it is told. */
function checkNames({ schema }: FileMetaData): void {
  for (const { name, type_length: length = 1 } of schema) {
    if (!(Number.isSafeInteger(length) && length >= 0 && length <= LONGEST_FIXED_VALUE)) {
      throw new Error(`column ${name} has values of ${length} bytes`);
    }
  }
}

/** @throws Error where there is no whole number */
function wholeNumber(value: unknown, what: string): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  throw new Error(`its footer does not tell the ${what}`);
}
