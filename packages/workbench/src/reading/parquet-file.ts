import { checkParquetPages, damagedParquet } from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import { type FileMetaData, parquetRead, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { ColumnBuilder } from "./column-builder.ts";
import { typedColumn } from "./column-types.ts";
import type { FlowColumns } from "./flow-columns.ts";
import { fileBytes, type PageFooter, readablePlace, readParquetFooter } from "./parquet-footer.ts";

/** Rows times columns: what a tab has the memory for. A small file can hold more, a value repeated a billion times. */
const MOST_CELLS = 2 ** 29;

/** Values of a column in a row group, which are in memory twice: as many as Arrow's writer puts into a group at most. */
const MOST_GROUP_VALUES = 2n ** 26n;

type RowGroup = FileMetaData["row_groups"][number];

/**
 * Reads a Parquet file, one row group after the other and in it one column after the other, so that no more than a column's
 * bytes are in memory beside the table. What the library follows is checked before: the footer, then each chunk's pages.
 * @throws OddflowError TABLE_UNREADABLE; TABLE_EMPTY
 */
export async function readParquet(
  file: Blob,
  name: string,
  onRows: (rows: number, of: number) => void,
): Promise<FlowColumns> {
  try {
    const footer = await readParquetFooter(file);
    const rows = Number(footer.metadata.num_rows);
    if (rows === 0) {
      throw new OddflowError("TABLE_EMPTY", `open table: ${name} holds no rows; expected at least one flow`);
    }
    const names = columnNames(footer.metadata);
    if (rows * names.length > MOST_CELLS) throw tooLarge(name, rows, names.length);
    const builders = await readGroups(file, footer, names, (read) => onRows(read, rows));
    return { name, rows, columns: builders.map((builder) => typedColumn(builder.finish())) };
  } catch (cause) {
    throw cause instanceof OddflowError ? cause : damagedParquet(name, cause);
  }
}

/** @throws Error where two columns share a name: the library tells columns by it */
function columnNames(
  metadata: FileMetaData,
): readonly { readonly name: string; readonly isFloat32: boolean }[] {
  const seen = new Set<string>();
  return parquetSchema(metadata).children.map(({ element: { name, type } }) => {
    if (seen.has(name)) throw new Error(`it has two columns "${name}"`);
    seen.add(name);
    return { name, isFloat32: type === "FLOAT" };
  });
}

function tooLarge(name: string, rows: number, columns: number): OddflowError {
  return new OddflowError(
    "TABLE_UNREADABLE",
    `open table: ${name} holds ${rows} rows of ${columns} columns; the page holds ${MOST_CELLS} cells at most, score it with "oddflow score-batch"`,
  );
}

async function readGroups(
  file: Blob,
  footer: PageFooter,
  names: ReturnType<typeof columnNames>,
  onRows: (rows: number) => void,
): Promise<readonly ColumnBuilder[]> {
  const builders = names.map(({ name, isFloat32 }) => new ColumnBuilder(name, isFloat32));
  let rows = 0;
  for (const [number, group] of footer.metadata.row_groups.entries()) {
    if (group.num_rows === 0n) continue;
    rows += Number(group.num_rows);
    for (const builder of builders) {
      await readColumn(file, footer, group, builder, `row group ${number}`);
      if (builder.rows !== rows) {
        throw new Error(`column ${builder.name} has ${builder.rows} values by row ${rows}`);
      }
    }
    onRows(rows);
  }
  return builders;
}

/** Reads a column's part of a row group. */
async function readColumn(
  file: Blob,
  footer: PageFooter,
  group: RowGroup,
  builder: ColumnBuilder,
  what: string,
): Promise<void> {
  const { chunks, bytes } = await checkedChunks(file, footer, group, builder.name, what);
  // The library calls back where nobody hears what is thrown: values are taken in afterwards.
  const pages: ArrayLike<unknown>[] = [];
  const reading = parquetRead({
    file: { byteLength: bytes.length, slice: (start, end) => bytes.slice(start, end).buffer },
    metadata: { ...footer.metadata, num_rows: group.num_rows, row_groups: [{ ...group, columns: chunks }] },
    compressors,
    onChunk: ({ columnData }) => pages.push(columnData),
  });
  await reading.catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : cause;
    throw new Error(`column ${builder.name} of ${what} cannot be unpacked: ${reason}`, { cause });
  });
  for (const values of pages) appendChunk(builder, values);
}

/**
 * The chunks that a column has in a row group, several where it is nested, with nothing but their pages, which are checked.
 * @returns their bytes behind one another, and the chunks as they lie in these
 */
async function checkedChunks(
  file: Blob,
  footer: PageFooter,
  group: RowGroup,
  name: string,
  what: string,
): Promise<{ readonly chunks: RowGroup["columns"]; readonly bytes: Uint8Array<ArrayBuffer> }> {
  const chunks: RowGroup["columns"] = [];
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (const chunk of group.columns) {
    const { meta_data: metadata } = chunk;
    if (metadata?.path_in_schema[0] !== name) continue;
    const { start, end } = readablePlace(chunk, footer);
    const title = `column ${metadata.path_in_schema.join(".")} of ${what}`;
    if (metadata.num_values > MOST_GROUP_VALUES) {
      throw new Error(
        `${title} has ${metadata.num_values} values; the page reads ${MOST_GROUP_VALUES} at most`,
      );
    }
    const bytes = await fileBytes(file, start, end);
    const pages = bytes.subarray(0, checkParquetPages(bytes, BigInt(metadata.num_values), title));
    const { dictionary_page_offset: _, ...rest } = metadata;
    chunks.push({
      ...chunk,
      meta_data: {
        ...rest,
        data_page_offset: BigInt(length),
        total_compressed_size: BigInt(pages.length),
      },
    });
    parts.push(pages);
    length += pages.length;
  }
  return { chunks, bytes: joined(parts, length) };
}

function joined(parts: readonly Uint8Array<ArrayBuffer>[], length: number): Uint8Array<ArrayBuffer> {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function appendChunk(builder: ColumnBuilder, values: ArrayLike<unknown>): void {
  if (values instanceof Float32Array || values instanceof Float64Array || values instanceof Int32Array) {
    builder.appendNumbers(values);
  } else for (let row = 0; row < values.length; row++) builder.append(plainValue(values[row]));
}

/** Bytes are shown as hexadecimal digits. */
function plainValue(value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return value;
  return Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
