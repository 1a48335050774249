import { createHash } from "node:crypto";
import type { RecentFlows, Verdict } from "@oddflow/detector";
import { type Scorer, scoreRows } from "@oddflow/inference";
import { OddflowError } from "@oddflow/preprocessing";
import type { FlowTable } from "@oddflow/tables";
import { flowBlocks } from "./flow-blocks.ts";
import { InputQuality } from "./input-quality.ts";

/** With fewer recent flows, a threshold for 1 % is chance. */
const FEWEST_FLOWS = 100;

/** Column errors are summed up from at most so many flows, spread evenly over the table: 132 MB for 33 columns. */
const MOST_ERROR_ROWS = 1_000_000;

/**
 * Scores a whole table. `verdict` is that of the threshold that the model was trained with.
 * @throws OddflowError TOO_FEW_FLOWS; what the table's scan throws.
 */
export async function scoreRecentFlows(
  table: FlowTable,
  scorer: Scorer,
  verdict: Verdict,
  withErrors: boolean,
  signal: AbortSignal,
  onProgress: (flows: number) => void,
): Promise<RecentFlows> {
  if (table.rows < FEWEST_FLOWS) {
    throw new OddflowError(
      "TOO_FEW_FLOWS",
      `recalibrate: ${table.paths[0]} has ${table.rows} flows; at least ${FEWEST_FLOWS} are needed, some thousand are better`,
    );
  }
  const width = scorer.columns.length;
  const every = Math.ceil(table.rows / MOST_ERROR_ROWS);
  const scores = new Float32Array(table.rows);
  const errors = new Float32Array(withErrors ? Math.ceil(table.rows / every) * width : 0);
  const hash = createHash("sha256").update(JSON.stringify(scorer.columns));
  const quality = new InputQuality(scorer.columns);
  const source = flowBlocks(table, scorer, { signal, quality });
  let overTrained = 0;
  for await (const rows of scoreRows(source, scorer, verdict, { errors: withErrors })) {
    const { flows } = rows.block;
    hash.update(new Uint8Array(flows.buffer, flows.byteOffset, flows.byteLength));
    scores.set(rows.score, rows.firstRow);
    if (rows.errors !== undefined) keepErrors(rows.errors, width, rows.firstRow, every, errors);
    overTrained += rows.anomalies;
    onProgress(rows.firstRow + rows.score.length);
  }
  return { scores, overTrained, errors, every, sha256: hash.digest("hex"), quality };
}

/** Copies the errors of those rows of a block that fall on every `every`th row of the table. */
function keepErrors(
  block: Float32Array,
  width: number,
  firstRow: number,
  every: number,
  into: Float32Array,
): void {
  const rows = block.length / width;
  for (let row = (every - (firstRow % every)) % every; row < rows; row += every) {
    into.set(block.subarray(row * width, (row + 1) * width), ((firstRow + row) / every) * width);
  }
}
