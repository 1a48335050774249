import { OddflowError } from "@oddflow/preprocessing";
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { ColumnBuilder } from "./column-builder.ts";
import { typedColumn } from "./column-types.ts";
import type { FlowColumns } from "./flow-columns.ts";

/** What a Parquet file begins and ends with. */
export const PARQUET_START = "PAR1";

/**
 * Reads a Parquet file, one row group after the other.
 * @throws OddflowError TABLE_UNREADABLE; TABLE_EMPTY
 */
export async function readParquet(
  file: Blob,
  name: string,
  onRows: (rows: number, of: number) => void,
): Promise<FlowColumns> {
  const buffer: AsyncBuffer = {
    byteLength: file.size,
    slice: (start, end) => file.slice(start, end).arrayBuffer(),
  };
  try {
    const metadata = await parquetMetadataAsync(buffer);
    const rows = Number(metadata.num_rows);
    if (rows === 0) {
      throw new OddflowError("TABLE_EMPTY", `open table: ${name} holds no rows; expected at least one flow`);
    }
    const builders = await readGroups(buffer, metadata, (read) => onRows(read, rows));
    const cut = builders.find((builder) => builder.rows !== rows);
    if (cut !== undefined) throw new Error(`column "${cut.name}" has ${cut.rows} values for ${rows} rows`);
    return { name, rows, columns: builders.map((builder) => typedColumn(builder.finish())) };
  } catch (cause) {
    if (cause instanceof OddflowError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OddflowError(
      "TABLE_UNREADABLE",
      `open table: ${name} cannot be read as Parquet: ${reason}; get the file again`,
      { cause },
    );
  }
}

async function readGroups(
  file: AsyncBuffer,
  metadata: FileMetaData,
  onRows: (rows: number) => void,
): Promise<readonly ColumnBuilder[]> {
  const builders = new Map(
    parquetSchema(metadata).children.map(({ element: { name, type } }) => [
      name,
      new ColumnBuilder(name, type === "FLOAT"),
    ]),
  );
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    await parquetRead({
      file,
      metadata,
      compressors,
      rowStart,
      rowEnd,
      onChunk: ({ columnName, columnData }) => {
        const builder = builders.get(columnName);
        if (builder) appendChunk(builder, columnData);
      },
    });
    rowStart = rowEnd;
    onRows(rowStart);
  }
  return [...builders.values()];
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
