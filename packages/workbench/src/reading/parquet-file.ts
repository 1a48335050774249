import { checkParquetPages, damagedParquet } from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import { type FileMetaData, parquetRead } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { typedColumn } from "./column-types.ts";
import type { FlowColumns } from "./flow-columns.ts";
import { flowsOnly, noFlow } from "./flow-rows.ts";
import { appendValues, type ParquetColumn, storedColumns } from "./parquet-columns.ts";
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
    const columns = storedColumns(footer.metadata);
    const count = columns.reduce((sum, { builders }) => sum + builders.length, 0);
    if (rows * count > MOST_CELLS) throw tooLarge(name, rows, count);
    await readGroups(file, footer, columns, (read) => onRows(read, rows));
    const gathered = columns.flatMap((column) => column.builders.map((builder) => builder.finish()));
    const flows = flowsOnly(gathered, rows);
    if (flows.rows === 0) throw noFlow(name, flows.leftOut ?? new Map());
    return { name, ...flows, columns: flows.columns.map(typedColumn) };
  } catch (cause) {
    throw cause instanceof OddflowError ? cause : damagedParquet(name, cause);
  }
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
  columns: readonly ParquetColumn[],
  onRows: (rows: number) => void,
): Promise<void> {
  let rows = 0;
  for (const [number, group] of footer.metadata.row_groups.entries()) {
    if (group.num_rows === 0n) continue;
    rows += Number(group.num_rows);
    for (const column of columns) {
      await readColumn(file, footer, group, column, `row group ${number}`);
      for (const builder of column.builders) {
        if (builder.rows === rows) continue;
        throw new Error(`column ${builder.name} has ${builder.rows} values by row ${rows}`);
      }
    }
    onRows(rows);
  }
}

/** Reads a column's chunk of a row group. */
async function readColumn(
  file: Blob,
  footer: PageFooter,
  group: RowGroup,
  column: ParquetColumn,
  what: string,
): Promise<void> {
  if (column.builders.length === 0) return;
  const { chunks, bytes } = await checkedChunks(file, footer, group, column.name, what);
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
    throw new Error(`column ${column.name} of ${what} cannot be unpacked: ${reason}`, { cause });
  });
  for (const values of pages) appendValues(column, values);
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
  const buffers: Uint8Array<ArrayBuffer>[] = [];
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
    buffers.push(pages);
    length += pages.length;
  }
  return { chunks, bytes: joined(buffers, length) };
}

function joined(buffers: readonly Uint8Array<ArrayBuffer>[], length: number): Uint8Array<ArrayBuffer> {
  const [first] = buffers;
  if (first !== undefined && buffers.length === 1) return first;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const buffer of buffers) {
    whole.set(buffer, at);
    at += buffer.length;
  }
  return whole;
}
