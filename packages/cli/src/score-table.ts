import type { Scorer } from "@oddflow/inference";
import { type ColumnCoding, unseenCode } from "@oddflow/preprocessing";
import type { FlowTable } from "@oddflow/tables";
import { type AnomalyReasons, anomalyReasons } from "./anomaly-reasons.ts";
import { OddestFlows, type OddFlow } from "./oddest-flows.ts";
import { topColumns } from "./top-columns.ts";

/** Rows that are gathered for one call of the scorer. */
const ROWS_A_CALL = 4096;

export interface ScoreTableOptions {
  /** A flow whose score is this or more is an anomaly. */
  readonly threshold: number;
  /** How many columns to name for each flow; 0 for none. */
  readonly top: number;
  /** How many reasons to give for each anomaly; none where it is absent. */
  readonly reasons?: number;
  /** How many of the oddest flows to keep. */
  readonly oddest: number;
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
 * Scores every row of a table in its order, a few thousand at a time.
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
  const { top } = options;
  const flows = new Float32Array(ROWS_A_CALL * width);
  const buffers = {
    scores: new Float32Array(ROWS_A_CALL),
    errors: new Float32Array(top > 0 ? ROWS_A_CALL * width : 0),
    isAnomaly: new Uint8Array(ROWS_A_CALL),
    probability: new Float32Array(ROWS_A_CALL),
    top: new Int16Array(ROWS_A_CALL * top),
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
    await scorer.score(part, { scores, ...(top > 0 ? { errors } : {}) });
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
    oddest.add(done, scores, part);
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

  for await (const batch of table.scan(columns, options.signal ? { signal: options.signal } : {})) {
    quality.look(batch.columns);
    for (let from = 0; from < batch.rows; ) {
      const rows = Math.min(batch.rows - from, ROWS_A_CALL - filled);
      batch.columns.forEach((values, k) => {
        for (let row = 0, to = filled * width + k; row < rows; row++, to += width) {
          flows[to] = values[from + row] as number;
        }
      });
      filled += rows;
      from += rows;
      if (filled === ROWS_A_CALL) await flush();
    }
  }
  if (filled > 0) await flush();
  return { flows: done, alerts, missing: quality.missing, unseen: quality.unseen, oddest: oddest.flows };
}

/** Counts what a person should know of the input: missing values and categories that the model never saw. */
class InputQuality {
  missing = 0;
  readonly unseen: Map<string, number> = new Map();
  readonly #columns: readonly ColumnCoding[];

  constructor(columns: readonly ColumnCoding[]) {
    this.#columns = columns;
  }

  look(values: readonly Float32Array[]): void {
    this.#columns.forEach((column, k) => {
      const codes = values[k] ?? new Float32Array();
      const unseen = column.kind === "category" ? unseenCode(column) : Number.NaN;
      let unseenCount = 0;
      for (const code of codes) {
        // An infinity or NaN less itself is no number.
        if (Number.isNaN(code - code)) this.missing++;
        else if (code === unseen) unseenCount++;
      }
      if (unseenCount > 0) this.unseen.set(column.name, (this.unseen.get(column.name) ?? 0) + unseenCount);
    });
  }
}
