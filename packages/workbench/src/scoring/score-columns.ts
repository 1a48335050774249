import { Verdict } from "@oddflow/detector";
import { type FlowBlock, type Scorer, scoreRows } from "@oddflow/inference";
import type { EncodedColumns } from "./encode-columns.ts";

/** How many columns are named for each flow in an export. */
export const TOP_COLUMNS = 3;

/** Flows between two reports of progress, at least. */
const LEAST_BLOCK = 4096;

export interface ColumnScores {
  /** One a row. */
  readonly scores: Float32Array;
  /** Row-major `[rows, TOP_COLUMNS]`: the columns with the largest errors, -1 where there are fewer. */
  readonly top: Int16Array;
}

/** Scores a table's rows, a block of them at a time. */
export async function scoreColumns(
  scorer: Scorer,
  encoded: EncodedColumns,
  rows: number,
  onScored: (rows: number) => void,
): Promise<ColumnScores> {
  const scores = new Float32Array(rows);
  const top = new Int16Array(rows * TOP_COLUMNS);
  // Which scores are anomalies is chosen afterwards, and again and again.
  const verdict = new Verdict(scorer.thresholds.forBudget());
  const source = encodedBlocks(encoded, rows, scorer);
  for await (const scored of scoreRows(source, scorer, verdict, { top: TOP_COLUMNS })) {
    scores.set(scored.score, scored.firstRow);
    if (scored.top !== undefined) top.set(scored.top, scored.firstRow * TOP_COLUMNS);
    onScored(scored.firstRow + scored.score.length);
  }
  return { scores, top };
}

/** A block's buffer is used again for the next one. */
function* encodedBlocks(
  encoded: EncodedColumns,
  rows: number,
  { columns, batchSize }: Scorer,
): Generator<FlowBlock, void, undefined> {
  const block = Math.max(LEAST_BLOCK, batchSize);
  const flows = new Float32Array(Math.min(block, rows) * columns.length);
  for (let first = 0; first < rows; first += block) {
    const end = Math.min(first + block, rows);
    encoded.encode(first, end, flows);
    yield { flows: flows.subarray(0, (end - first) * columns.length) };
  }
}
