import { readFile } from "node:fs/promises";
import { parseDetectorMetadata } from "@oddflow/detector";
import { readModelSummary } from "@oddflow/onnx";
import { keyColumns, openTable } from "@oddflow/tables";
import { FLOWS_TABLE } from "../../inputs.ts";

/** Names of a table's columns that scoring it has to do with. */
export interface ScoredColumns {
  /** Those that come along with `--columns keys`. */
  readonly keys: readonly string[];
  /** The model's. */
  readonly numbers: readonly string[];
  readonly categories: readonly string[];
}

export async function scoredColumns(model: string): Promise<ScoredColumns> {
  const { spec } = parseDetectorMetadata(readModelSummary(await readFile(model)));
  const ofKind = (kind: string): string[] =>
    spec.columns.filter((column) => column.kind === kind).map(({ name }) => name);
  const table = await openTable(FLOWS_TABLE);
  const keys = await keyColumns(table);
  table.close();
  return { keys, numbers: ofKind("number"), categories: ofKind("category") };
}
