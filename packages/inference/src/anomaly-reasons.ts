import type { FlowRecord } from "@oddflow/preprocessing";
import type { ExplainedFlow, Reason } from "./reason.ts";
import type { Scorer } from "./scorer.ts";

/** The reasons of a flow that is an anomaly; null for one that is none. */
export type AnomalyReasons = readonly Reason[] | null;

/**
 * The reasons of the flows at the given rows, as they are written for machines: shares and rarities to 4 digits, expected
 * numbers to 6, which is more than a network knows. Only these rows are looked at, so usual flows cost nothing.
 * @param flows row-major `[rows, columns]`, encoded
 * @param record what a row was encoded from, where that is at hand
 * @throws what `Scorer.explain` throws
 */
export async function anomalyReasons(
  scorer: Scorer,
  flows: Float32Array,
  isAnomaly: (row: number) => boolean,
  top: number,
  record?: (row: number) => FlowRecord,
): Promise<AnomalyReasons[]> {
  const width = scorer.columns.length;
  const count = flows.length / width;
  const rows = Array.from({ length: count }, (_, row) => row).filter(isAnomaly);
  const reasons = new Array<AnomalyReasons>(count).fill(null);
  if (rows.length === 0) return reasons;
  const explained = await scorer.explain(gatherRows(flows, width, rows), {
    top,
    records: record && rows.map(record),
  });
  rows.forEach((row, i) => {
    reasons[row] = (explained[i] as ExplainedFlow).reasons.map(roundNumbers);
  });
  return reasons;
}

function gatherRows(flows: Float32Array, width: number, rows: readonly number[]): Float32Array {
  const gathered = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    gathered.set(flows.subarray(row * width, (row + 1) * width), i * width);
  });
  return gathered;
}

function roundNumbers(reason: Reason): Reason {
  const { expected, share, rarity } = reason;
  return {
    ...reason,
    expected: typeof expected === "number" ? Number(expected.toPrecision(6)) : expected,
    share: Number(share.toPrecision(4)),
    rarity: rarity === null ? null : Number(rarity.toPrecision(4)),
  };
}
