import { createHash } from "node:crypto";
import {
  DEFAULT_BUDGET,
  type DetectorMetadata,
  FlowCounter,
  type PopulationShift,
  populationShift,
  recalibrateScores,
  type ScoreDistribution,
  scoreProfile,
  summariseColumnErrors,
  type Thresholds,
  type TrainingRecord,
  thresholdForBudget,
} from "@oddflow/detector";
import type { Scorer } from "@oddflow/inference";
import { OddflowError } from "@oddflow/preprocessing";
import type { FlowTable } from "@oddflow/tables";
import { flowBlocks } from "./flow-blocks.ts";
import { InputQuality } from "./input-quality.ts";

/** With fewer recent flows, a threshold for 1 % is chance. */
const FEWEST_FLOWS = 100;

/** Column errors are summed up from at most so many flows, spread evenly over the table: 132 MB for 33 columns. */
const MOST_ERROR_ROWS = 1_000_000;

/** How far a model's scores have moved on recent flows, and what new thresholds come of them. */
export interface Recalibration {
  readonly flows: number;
  readonly median: { readonly before: number; readonly now: number };
  /** The threshold for 1 %. */
  readonly threshold: { readonly before: number; readonly now: number };
  /** The share of the recent flows that reach the threshold for 1 % that the model was trained with. */
  readonly shareOverTrained: number;
  readonly score: PopulationShift;
  /** The share of the recent flows that was left out as attacks. */
  readonly leftOut: number;
  /** Values that were missing, and by column the categories that the model does not know. */
  readonly missing: number;
  readonly unseen: Readonly<Record<string, number>>;
  /** A threshold that was chosen on labels of former flows says nothing of recent ones. */
  readonly youdenDropped: boolean;
}

/** The flows of a table as a model sees them. */
export interface RecentFlows {
  readonly scores: Float32Array;
  /** Row-major `[rows, columns]` of every `every`th flow; empty when they were not asked for. */
  readonly errors: Float32Array;
  readonly every: number;
  /** SHA-256 over the column codings (JSON) and the encoded flows. */
  readonly sha256: string;
  readonly quality: InputQuality;
}

/**
 * Scores a whole table.
 * @throws OddflowError TOO_FEW_FLOWS; what the table's scan throws.
 */
export async function scoreRecentFlows(
  table: FlowTable,
  scorer: Scorer,
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
  let done = 0;
  const quality = new InputQuality(scorer.columns);
  for await (const block of flowBlocks(table, scorer.columns, signal, quality)) {
    hash.update(new Uint8Array(block.buffer, block.byteOffset, block.byteLength));
    const scored = await scorer.score(block, { errors: withErrors, firstRow: done });
    scores.set(scored.scores, done);
    if (scored.errors !== undefined) keepErrors(scored.errors, width, done, every, errors);
    done += scored.scores.length;
    onProgress(done);
  }
  return { scores, errors, every, sha256: hash.digest("hex"), quality };
}

/** Sets a model's thresholds anew. `leftOut` is as in `recalibrateScores`. */
export function recalibrate(
  { thresholds, training, spec }: DetectorMetadata,
  recent: RecentFlows,
  leftOut: number | undefined,
): { readonly thresholds: Thresholds; readonly training: TrainingRecord; readonly report: Recalibration } {
  const { scores, errors, sha256, quality } = recent;
  const former = thresholds.heldBack;
  const renewed = recalibrateScores(scores, former, leftOut);
  const heldBack = renewed.distribution;
  const counter = new FlowCounter(scoreProfile(former));
  counter.add(scores);
  const before = thresholdForBudget(former, DEFAULT_BUDGET);
  const now = thresholdForBudget(heldBack, DEFAULT_BUDGET);
  const trained = trainedThreshold(training) ?? before;
  const report: Recalibration = {
    flows: scores.length,
    missing: quality.missing,
    unseen: Object.fromEntries(quality.unseen),
    median: { before: thresholdForBudget(former, 0.5), now: thresholdForBudget(heldBack, 0.5) },
    threshold: { before, now },
    shareOverTrained: scores.reduce((over, score) => over + (score >= trained ? 1 : 0), 0) / scores.length,
    score: populationShift(
      scoreProfile(former).columns[0]?.counts ?? [],
      counter.profile.columns[0]?.counts ?? [],
    ),
    leftOut: renewed.leftOut,
    youdenDropped: thresholds.youden !== undefined,
  };
  const columnErrors =
    errors.length === 0
      ? {}
      : {
          columnErrors: summariseColumnErrors(
            usualErrors(recent, heldBack, spec.columns.length),
            spec.columns.length,
          ),
        };
  return {
    thresholds: { heldBack, ...columnErrors },
    training: {
      ...training,
      recalibration: {
        data: { sha256, rows: scores.length },
        leftOut: renewed.leftOut,
        trainedThreshold: trained,
      },
    },
    report,
  };
}

/** The threshold for 1 % that training set, where the model has been recalibrated since: many small steps are a long way. */
function trainedThreshold({ recalibration }: TrainingRecord): number | undefined {
  if (typeof recalibration !== "object" || recalibration === null) return undefined;
  const trained = "trainedThreshold" in recalibration ? recalibration.trainedThreshold : undefined;
  return typeof trained === "number" && Number.isFinite(trained) ? trained : undefined;
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

/** The errors of the flows that were not left out, row-major. */
function usualErrors(
  { scores, errors, every }: RecentFlows,
  { scores: quantiles }: ScoreDistribution,
  width: number,
): Float32Array {
  const highest = quantiles[quantiles.length - 1] ?? 0;
  const usual = new Float32Array(errors.length);
  let filled = 0;
  for (let row = 0; row * width < errors.length; row++) {
    if ((scores[row * every] as number) > highest) continue;
    usual.set(errors.subarray(row * width, (row + 1) * width), filled);
    filled += width;
  }
  return usual.subarray(0, filled);
}
