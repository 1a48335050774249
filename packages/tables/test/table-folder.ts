import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { ColumnBatch } from "@oddflow/preprocessing";
import { afterAll } from "vitest";

/** A folder of its own for the tables of a test file, and a DuckDB to make and read them with. */
export interface TableFolder {
  readonly path: string;
  /** A path in the folder. */
  at(name: string): string;
  /** Writes a file and gives its path. */
  write(name: string, content: string | Uint8Array): string;
  /** Runs SQL in the folder's DuckDB and gives the rows as JavaScript values. */
  sql(statement: string): Promise<unknown[][]>;
  /** Writes the rows of a query to a file: the format follows the name. */
  copy(query: string, name: string, options?: string): Promise<string>;
}

/** Makes the folder for the tests of one file; it goes when they are done. */
export async function makeTableFolder(): Promise<TableFolder> {
  const path = mkdtempSync(join(tmpdir(), "oddflow-tables-"));
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  afterAll(() => {
    connection.closeSync();
    instance.closeSync();
    rmSync(path, { recursive: true, force: true });
  });
  const at = (name: string): string => join(path, name);
  return {
    path,
    at,
    write(name, content) {
      writeFileSync(at(name), content);
      return at(name);
    },
    async sql(statement) {
      return (await connection.runAndReadAll(statement)).getRowsJS();
    },
    async copy(query, name, options) {
      const extra = options === undefined ? "" : ` (${options})`;
      await connection.run(`COPY (${query}) TO '${at(name)}'${extra}`);
      return at(name);
    },
  };
}

/** All rows of a scan: one array a column. */
export async function collect(batches: AsyncIterable<ColumnBatch>): Promise<Float32Array[]> {
  const parts: Float32Array[][] = [];
  for await (const { columns } of batches) {
    columns.forEach((column, k) => {
      parts[k] ??= [];
      parts[k].push(column);
    });
  }
  return parts.map((arrays) => {
    const whole = new Float32Array(arrays.reduce((sum, array) => sum + array.length, 0));
    let start = 0;
    for (const array of arrays) {
      whole.set(array, start);
      start += array.length;
    }
    return whole;
  });
}
