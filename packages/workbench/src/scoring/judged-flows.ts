import type { Verdict } from "@oddflow/detector";
import { isSuppressed, type Ruling } from "@oddflow/preprocessing";
import type { ColumnTimes, FlowColumns } from "../reading/index.ts";

/** A scored table and what is said of its flows: which are anomalies, and what rules say of these. */
export interface JudgedFlows {
  /** The input's columns, without those of an earlier scoring. */
  readonly table: FlowColumns;
  /** When they were; undefined where no column says so. */
  readonly times: ColumnTimes | undefined;
  readonly scores: Float32Array;
  readonly verdict: Verdict;
  /** The share of usual flows that score as high. */
  rarity(score: number): number;
  /** The names of the columns that made a row odd, the most telling first. */
  topColumns(row: number): readonly string[];
  /** What the rule says that decides on a row, were it odd; null where none is about it. Absent where there are no rules. */
  readonly ruling?: (row: number) => Ruling | null;
}

/** Whether a row raises an alarm that no rule takes away. */
export function isAlarm({ scores, verdict, ruling }: JudgedFlows, row: number): boolean {
  return verdict.isAnomaly(scores[row] as number) && !isSuppressed(ruling?.(row));
}

/** What rules say of a row: nothing of one that is not odd. */
export function saidOf({ scores, verdict, ruling }: JudgedFlows, row: number): Ruling | null {
  return ruling !== undefined && verdict.isAnomaly(scores[row] as number) ? ruling(row) : null;
}
