import { type Scorer, topColumns } from "@oddflow/inference";
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
  const width = scorer.columns.length;
  const block = Math.max(LEAST_BLOCK, scorer.batchSize);
  const flows = new Float32Array(Math.min(block, rows) * width);
  const errors = new Float32Array(flows.length);
  const scores = new Float32Array(rows);
  const top = new Int16Array(rows * TOP_COLUMNS);
  for (let first = 0; first < rows; first += block) {
    const end = Math.min(first + block, rows);
    encoded.encode(first, end, flows);
    const values = (end - first) * width;
    const request = { scores: scores.subarray(first, end), errors, firstRow: first };
    await scorer.score(flows.subarray(0, values), request);
    topColumns(errors.subarray(0, values), width, TOP_COLUMNS, top.subarray(first * TOP_COLUMNS));
    onScored(end);
  }
  return { scores, top };
}

/** The rows by score, the highest first and the earlier one of equals. */
export function orderByScore(scores: Float32Array): Uint32Array {
  return Uint32Array.from(scores, (_, row) => row).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number) || a - b,
  );
}
