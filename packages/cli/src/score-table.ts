import { type AnomalyReasons, anomalyReasons, type Scorer, topColumns } from "@oddflow/inference";
import type { ColumnCoding } from "@oddflow/preprocessing";
import type { FlowTable, RowRange } from "@oddflow/tables";
import { InputQuality } from "./input-quality.ts";
import { OddestFlows, type OddFlow } from "./oddest-flows.ts";

/**
 * Rows that are gathered at least. Scan and model take turns on one core, and each finds the cache full of the other: with 2,048
 * rows a turn, as many as a scan gives at a time, both take 7 % longer.
 */
const LEAST_ROWS_A_CALL = 8192;

export interface ScoreTableOptions {
  /** A flow whose score is this or more is an anomaly. */
  readonly threshold: number;
  /** How many columns to name for each flow; 0 for none. */
  readonly top: number;
  /** How many reasons to give for each anomaly; none where it is absent. */
  readonly reasons?: number;
  /** How many of the oddest flows to keep. */
  readonly oddest: number;
  /** Scores these rows only; the first has this number, from 0, in the table. */
  readonly part?: { readonly range: RowRange; readonly firstRow: number };
  readonly signal?: AbortSignal;
  readonly onProgress?: (flows: number) => void;
  /** Gets every part of the table in its order; the arrays are used again afterwards. */
  readonly onScores?: (part: ScoredPart) => Promise<void> | void;
}

/** Some rows of a table, scored. */
export interface ScoredPart {
  readonly scores: Float32Array;
  /** 1 for an anomaly. */
  readonly isAnomaly: Uint8Array;
  /** The share of usual flows that score as high. */
  readonly probability: Float32Array;
  /** Row-major `[rows, top]` column numbers, the largest error first, -1 for none; present when `top` is above 0. */
  readonly topColumns?: Int16Array;
  /** One for each row; present when reasons were asked for. */
  readonly reasons?: readonly AnomalyReasons[];
}

export interface ScoreTableSummary {
  readonly flows: number;
  readonly alerts: number;
  readonly missing: number;
  /** Column to the number of values that its vocabulary lacks. */
  readonly unseen: ReadonlyMap<string, number>;
  readonly oddest: readonly OddFlow[];
}

/**
 * Scores every row of a table, or of a range of it, in its order, a few thousand at a time.
 * @throws what the table's scan throws; what `Scorer.explain` throws, where reasons are asked for; the signal's reason when
 * it is aborted.
 */
export async function scoreTable(
  table: FlowTable,
  scorer: Scorer,
  options: ScoreTableOptions,
): Promise<ScoreTableSummary> {
  const columns: readonly ColumnCoding[] = scorer.columns;
  const width = columns.length;
  const { top, part: own, signal } = options;
  const rowsACall = Math.max(scorer.batchSize, LEAST_ROWS_A_CALL);
  const flows = new Float32Array(rowsACall * width);
  const buffers = {
    scores: new Float32Array(rowsACall),
    errors: new Float32Array(top > 0 ? rowsACall * width : 0),
    isAnomaly: new Uint8Array(rowsACall),
    probability: new Float32Array(rowsACall),
    top: new Int16Array(rowsACall * top),
  };
  const oddest = new OddestFlows(options.oddest, width);
  const quality = new InputQuality(columns);
  let alerts = 0;
  let done = 0;
  let filled = 0;

  const flush = async (): Promise<void> => {
    const part = flows.subarray(0, filled * width);
    const scores = buffers.scores.subarray(0, filled);
    const errors = buffers.errors.subarray(0, top > 0 ? filled * width : 0);
    await scorer.score(part, {
      scores: buffers.scores,
      firstRow: (own?.firstRow ?? 0) + done,
      ...(top > 0 ? { errors: buffers.errors } : {}),
    });
    const isAnomaly = buffers.isAnomaly.subarray(0, filled);
    const probability = buffers.probability.subarray(0, filled);
    for (let row = 0; row < filled; row++) {
      const score = scores[row] as number;
      const alert = score >= options.threshold ? 1 : 0;
      isAnomaly[row] = alert;
      probability[row] = scorer.thresholds.shareAbove(score);
      alerts += alert;
    }
    const named = buffers.top.subarray(0, filled * top);
    if (top > 0) topColumns(errors, width, top, named);
    oddest.add((own?.firstRow ?? 0) + done, scores, part);
    const isOdd = (row: number): boolean => isAnomaly[row] === 1;
    await options.onScores?.({
      scores,
      isAnomaly,
      probability,
      ...(top > 0 ? { topColumns: named } : {}),
      ...(options.reasons ? { reasons: await anomalyReasons(scorer, part, isOdd, options.reasons) } : {}),
    });
    done += filled;
    filled = 0;
    options.onProgress?.(done);
  };

  const scan = { ...(signal ? { signal } : {}), ...(own ? { range: own.range } : {}) };
  for await (const batch of table.scan(columns, scan)) {
    for (let from = 0; from < batch.rows; ) {
      const rows = Math.min(batch.rows - from, rowsACall - filled);
      quality.copy(batch.columns, from, rows, flows, filled);
      filled += rows;
      from += rows;
      if (filled === rowsACall) await flush();
    }
  }
  if (filled > 0) await flush();
  return { flows: done, alerts, missing: quality.missing, unseen: quality.unseen, oddest: oddest.flows };
}
