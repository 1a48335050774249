import { mostChanged, type OldAndNew } from "@oddflow/evaluation";
import { flowReasons, type Scorer } from "@oddflow/inference";
import type { FlowTable } from "@oddflow/tables";
import { flowBlocks } from "./flow-blocks.ts";
import { DEFAULT_REASONS } from "./reason-count.ts";

/** A flow on which one model raises an alarm and the other does not. */
export interface ChangedFlow {
  /** From 0, in the table's order. */
  readonly row: number;
  readonly scores: OldAndNew<number>;
  /** The share of each model's usual flows, 0 to 1, that score as high. */
  readonly rarities: OldAndNew<number>;
  /** Why it is odd to the model that raises the alarm, in words, the strongest first. */
  readonly reasons: readonly string[];
}

/** Two models, and what they give the same table's flows. */
export interface ComparedModels {
  readonly scorers: OldAndNew<Scorer>;
  readonly scores: OldAndNew<Float32Array>;
  readonly thresholds: OldAndNew<number>;
  /** 1 for flows whose alarms rules take away, one a flow. */
  readonly suppressed: Uint8Array;
}

/**
 * The flows on which one model alone raises an alarm: those that are the most usual to the other, held against how odd they are to it.
 * @param alarming the model that raises the alarm
 * @throws what the table's scan throws; the signal's reason when it is aborted
 */
export async function changedFlows(
  table: FlowTable,
  models: ComparedModels,
  alarming: "old" | "new",
  count: number,
  signal: AbortSignal,
): Promise<readonly ChangedFlow[]> {
  const { scorers, scores } = models;
  const rarity = {
    old: (score: number) => rarityOf(scorers.old, score),
    new: (score: number) => rarityOf(scorers.new, score),
  };
  const rows = mostChanged({ ...models, rarity }, alarming, count);
  if (rows.length === 0) return [];
  const scorer = scorers[alarming];
  const flows = await pickFlows(table, scorer, rows, signal);
  const reasons = await flowReasons(scorer, flows, DEFAULT_REASONS);
  return rows.map((row, k): ChangedFlow => {
    const own = { old: scores.old[row] as number, new: scores.new[row] as number };
    return {
      row,
      scores: own,
      rarities: { old: rarity.old(own.old), new: rarity.new(own.new) },
      reasons: (reasons[k] ?? []).map(
        ({ text, share }) => `${text}, ${Math.round(100 * share)} % of the score`,
      ),
    };
  });
}

function rarityOf({ thresholds }: Scorer, score: number): number {
  return thresholds.rarityOf(score);
}

/** Some rows as a scorer takes them, in the order in which they are named. @returns row-major `[rows, columns]` */
async function pickFlows(
  table: FlowTable,
  scorer: Scorer,
  rows: readonly number[],
  signal: AbortSignal,
): Promise<Float32Array> {
  const width = scorer.columns.length;
  const picked = new Float32Array(rows.length * width);
  let first = 0;
  for await (const { flows } of flowBlocks(table, scorer, { signal })) {
    const until = first + flows.length / width;
    for (const [k, row] of rows.entries()) {
      if (row < first || row >= until) continue;
      picked.set(flows.subarray((row - first) * width, (row - first + 1) * width), k * width);
    }
    first = until;
  }
  return picked;
}
