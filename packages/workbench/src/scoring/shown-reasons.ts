import { flowReasons, type Scorer } from "@oddflow/inference";
import { cellValue, type FlowColumns } from "../reading/index.ts";
import type { EncodedColumns } from "./encode-columns.ts";
import type { ShownReason } from "./scored-flows.ts";

/** Why rows of a table are odd to a model, the strongest first; `count` of them for each. */
export async function shownReasons(
  table: FlowColumns,
  scorer: Scorer,
  encoded: EncodedColumns,
  rows: readonly number[],
  count: number,
): Promise<readonly (readonly ShownReason[])[]> {
  const width = scorer.columns.length;
  const flows = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    encoded.encode(row, row + 1, flows.subarray(i * width));
  });
  const names = new Set(scorer.columns.map(({ name }) => name));
  const columns = table.columns.filter(({ name }) => names.has(name));
  const records = rows.map((row) =>
    Object.fromEntries(columns.map((column) => [column.name, cellValue(column, row)])),
  );
  const reasons = await flowReasons(scorer, flows, count, records);
  return reasons.map((own) => own.map(({ name, share, text }) => ({ column: name, share, text })));
}
