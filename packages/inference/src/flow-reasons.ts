import type { FlowRecord } from "@oddflow/preprocessing";
import { describeSeen } from "./describe-reason.ts";
import type { Scorer } from "./scorer.ts";
import { seenValue } from "./seen-value.ts";
import { topColumns } from "./top-columns.ts";

/** A column that made a flow odd: its share (0 to 1) of the flow's score, and a line of text. */
export interface FlowReason {
  readonly name: string;
  readonly share: number;
  readonly text: string;
}

/**
 * Up to `top` reasons for each flow, whatever the model: where its file cannot tell what it expects, a reason is the value
 * seen alone. `flows` is row-major `[rows, columns]`, encoded; `records` are what they were encoded from, where they are at hand.
 * @throws what `Scorer.score` throws
 */
export async function flowReasons(
  scorer: Scorer,
  flows: Float32Array,
  top: number,
  records?: readonly FlowRecord[],
): Promise<readonly (readonly FlowReason[])[]> {
  if (scorer.explains) {
    return (await scorer.explain(flows, { top, records })).map(({ reasons }) => reasons);
  }
  const { columns } = scorer;
  const width = columns.length;
  const { errors = new Float32Array(), flows: rows } = await scorer.score(flows, { errors: true });
  const places = new Int16Array(rows * top);
  topColumns(errors, width, top, places);
  return Array.from({ length: rows }, (_, row) => {
    const own = errors.subarray(row * width, (row + 1) * width);
    const sum = own.reduce((total, error) => total + error, 0) || 1;
    return [...places.subarray(row * top, (row + 1) * top)].flatMap((k) => {
      const column = columns[k];
      if (column === undefined) return [];
      const seen = seenValue(column, flows[row * width + k] as number, records?.[row]);
      return [{ name: column.name, share: (own[k] as number) / sum, text: describeSeen(column, seen) }];
    });
  });
}
