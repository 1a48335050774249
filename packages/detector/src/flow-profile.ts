/** The version that `profileFlows` writes. */
export const PROFILE_VERSION = 1;

/** How the flows of a table are spread over the bins of one column. */
export interface ColumnProfile {
  readonly name: string;
  /**
   * "codes", for a category: bin `i` holds code `i`, the last bin the values that the vocabulary lacks. "values", for a
   * number of few distinct values: bin `i` holds exactly `cuts[i]`, the last bin every other value. "ranges", for any
   * other number: bin `i` holds what is above `cuts[i - 1]`, up to and with `cuts[i]`; the last bin what is above all cuts.
   */
  readonly bins: "codes" | "values" | "ranges";
  /** Rising; a float32 each, written with as few digits as tell it apart. None for codes. */
  readonly cuts: readonly number[];
  /** How many flows are in each bin. */
  readonly counts: readonly number[];
  /** How many flows have no value: NaN or an infinity. */
  readonly missing: number;
}

/** How flows are spread, column by column: fitted state, plain JSON, stored in the model file. */
export interface FlowProfile {
  readonly version: typeof PROFILE_VERSION;
  /** How many flows were counted; every column's counts and missing ones add up to it. */
  readonly flows: number;
  /** In the order of the columns of a flow. */
  readonly columns: readonly ColumnProfile[];
}
