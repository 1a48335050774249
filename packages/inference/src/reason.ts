import { type ColumnErrorDistribution, columnErrorRarity } from "@oddflow/detector";
import { type ColumnSpec, type FlowRecord, featureWidth } from "@oddflow/preprocessing";
import { describeReason } from "./describe-reason.ts";
import { codedValue, type ExpectedValue, type SeenValue, seenValue } from "./seen-value.ts";

/** Why a flow is odd: one of its columns. Plain JSON. */
export interface Reason {
  readonly name: string;
  readonly seen: SeenValue;
  readonly expected: ExpectedValue;
  /** The column's share of the flow's score, 0 to 1. */
  readonly share: number;
  /**
   * The share of usual flows, 0 to 1, whose error in this column is as large; 0 where none of those that were held back
   * in training had such an error, null where the model file does not say.
   */
  readonly rarity: number | null;
  /** The same in words, in one line. */
  readonly text: string;
}

/** One flow, with its reasons. */
export interface ExplainedFlow {
  readonly score: number;
  /** The column with the largest error first. */
  readonly reasons: readonly Reason[];
}

/** A row of a scored table; all three have one value a column. */
interface ReconstructedFlow {
  /** Encoded. */
  readonly values: Float32Array;
  /** Encoded likewise. */
  readonly expected: Float64Array;
  readonly errors: Float32Array;
  /** What the values were encoded from, where that is at hand. */
  readonly record: FlowRecord | undefined;
}

/** The `top` columns with the largest errors, the largest first and the earlier one of equals; not the hour, which has none. */
export function findReasons(
  columns: readonly ColumnSpec[],
  { values, expected, errors, record }: ReconstructedFlow,
  distribution: ColumnErrorDistribution | undefined,
  top: number,
): Reason[] {
  const sum = errors.reduce((total, error) => total + error, 0) || 1;
  const places = [...columns.entries()]
    .filter(([, column]) => featureWidth(column) > 0)
    .toSorted(([a], [b]) => (errors[b] as number) - (errors[a] as number))
    .slice(0, top);
  return places.map(([k, column]): Reason => {
    const error = errors[k] as number;
    const facts = {
      column,
      seen: seenValue(column, values[k] as number, record),
      expected: codedValue(column, expected[k] as number),
      rarity: distribution ? columnErrorRarity(distribution, k, error) : null,
    };
    return {
      name: column.name,
      seen: facts.seen,
      expected: facts.expected,
      share: error / sum,
      rarity: facts.rarity,
      text: describeReason({ ...facts, heldBack: distribution?.flows ?? 0 }),
    };
  });
}
