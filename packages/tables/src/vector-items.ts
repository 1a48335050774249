import type { DuckDBDataChunk } from "@duckdb/node-api";

/*
 * The one place that reaches into @duckdb/node-api: a vector's values as a typed array. `items` is private in its types
 * and there at run time (1.5.6-r.1). The public way, one JavaScript value a cell, is about ten times slower.
 */

type ItemArray = Float32Array | Float64Array | Int16Array | Uint8Array | BigUint64Array;

/**
 * The values of a FLOAT column of a chunk: a copy, so it outlives the chunk. Values that are NULL are undefined in it.
 * @throws Error when the column is no FLOAT or the package's inner form has changed.
 */
export function floatItems(chunk: DuckDBDataChunk, column: number): Float32Array {
  return itemsOf(chunk, column, Float32Array);
}

/** `floatItems` for a DOUBLE column. */
export function doubleItems(chunk: DuckDBDataChunk, column: number): Float64Array {
  return itemsOf(chunk, column, Float64Array);
}

/** `floatItems` for a UBIGINT column: the two halves of each value, the lower one first. */
export function keyItems(chunk: DuckDBDataChunk, column: number): Uint32Array {
  const { buffer, byteOffset, length } = itemsOf(chunk, column, BigUint64Array);
  return new Uint32Array(buffer, byteOffset, 2 * length);
}

/**
 * Writes one column of a chunk; `values` has as many items as the chunk has rows. The column is FLOAT for a Float32Array,
 * SMALLINT for an Int16Array, UTINYINT for a Uint8Array.
 */
export function writeItems(
  chunk: DuckDBDataChunk,
  column: number,
  values: Exclude<ItemArray, BigUint64Array>,
): void {
  const items =
    values instanceof Float32Array
      ? itemsOf(chunk, column, Float32Array)
      : values instanceof Int16Array
        ? itemsOf(chunk, column, Int16Array)
        : itemsOf(chunk, column, Uint8Array);
  items.set(values);
  chunk.getColumnVector(column).flush();
}

function itemsOf<T extends ItemArray>(chunk: DuckDBDataChunk, column: number, type: new () => T): T {
  const vector: object = chunk.getColumnVector(column);
  const items: unknown = "items" in vector ? vector.items : undefined;
  if (!(items instanceof type)) {
    throw new Error(
      `@duckdb/node-api: column ${column} of a chunk is no ${type.name}; vector-items.ts must follow`,
    );
  }
  return items;
}
