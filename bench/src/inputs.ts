import { fileURLToPath } from "node:url";
import type { ColumnSpec, FlowRecord } from "@oddflow/preprocessing";

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The shipped model and the fixture table. */
export const MODEL: string = fromRoot("fixtures/unsw-nb15.onnx");
export const FLOWS_TABLE: string = fromRoot("fixtures/flows.parquet");
export const SCORE_BATCH: string = fromRoot("packages/cli/bin/score-batch.js");

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
