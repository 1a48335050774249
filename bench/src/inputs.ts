import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { ColumnSpec, FlowRecord } from "@oddflow/preprocessing";
import { openTable } from "@oddflow/tables";
import { expectTrue } from "./case.ts";

/** A path from the repository's root. */
export const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const FLOWS_TABLE: string = fromRoot("fixtures/flows.parquet");
export const OWN_COMMAND: string = fromRoot("packages/cli/bin/oddflow.js");
export const SCORE_BATCH: string = fromRoot("packages/cli/bin/score-batch.cjs");

/** Threads that "all threads" means. */
export const ALL_THREADS: number = availableParallelism();

/** Flows that a model knows every value of: numbers around the column's usual ones, categories in turn. */
export function makeRecords(columns: readonly ColumnSpec[], count: number): FlowRecord[] {
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(
      columns.map((column, k) => {
        const step = (row * 31 + k * 17) % 101;
        if (column.kind === "number") return [column.name, column.median * (0.5 + step / 100) + step / 1000];
        const value = column.vocabulary[step % Math.max(1, column.vocabulary.length)] ?? null;
        return [column.name, column.valueType === "number" && value !== null ? Number(value) : value];
      }),
    ),
  );
}

/**
 * Reads a table as a model's input.
 * @returns row-major `[rows, columns]`, coded
 */
export async function readFlows(path: string, columns: readonly ColumnSpec[]): Promise<Float32Array> {
  const table = await openTable(path);
  try {
    const flows = new Float32Array(table.rows * columns.length);
    let first = 0;
    for await (const batch of table.scan(columns)) {
      batch.columns.forEach((values, k) => {
        for (let row = 0; row < batch.rows; row++) {
          flows[(first + row) * columns.length + k] = values[row] as number;
        }
      });
      first += batch.rows;
    }
    expectTrue(first === table.rows, `${path}: ${first} rows read of ${table.rows}`);
    return flows;
  } finally {
    table.close();
  }
}
