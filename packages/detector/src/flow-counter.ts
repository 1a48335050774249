import { OddflowError } from "@oddflow/preprocessing";
import type { ColumnProfile, FlowProfile } from "./flow-profile.ts";

/** Counts flows in the bins of a profile, a block of a table at a time. */
export class FlowCounter {
  readonly #bins: FlowProfile;
  readonly #columns: readonly BinCounts[];
  #flows = 0;

  /** Takes the bins from a profile, not its counts. */
  constructor(bins: FlowProfile) {
    this.#bins = bins;
    this.#columns = bins.columns.map((column) => ({
      bins: column.bins,
      cuts: Float32Array.from(column.cuts),
      counts: new Float64Array(column.counts.length),
      missing: 0,
    }));
  }

  /**
   * Counts more flows: row-major `[rows, columns]`, encoded as those that the profile was fitted on; NaN and infinities
   * are missing.
   * @throws OddflowError FLOWS_SHAPE when `flows` is no whole number of rows.
   */
  add(flows: Float32Array): void {
    const width = this.#columns.length;
    if (flows.length % width !== 0) {
      throw new OddflowError(
        "FLOWS_SHAPE",
        `count flows: ${flows.length} values found, a multiple of ${width} columns expected`,
      );
    }
    this.#columns.forEach((column, k) => {
      const { counts } = column;
      for (let i = k; i < flows.length; i += width) {
        const value = flows[i] as number;
        if (Number.isFinite(value)) {
          const bin = binOf(column, value);
          counts[bin] = (counts[bin] as number) + 1;
        } else column.missing++;
      }
    });
    this.#flows += flows.length / width;
  }

  /** All that was counted so far, in the bins that were given. */
  get profile(): FlowProfile {
    const columns = this.#bins.columns.map((column, k): ColumnProfile => {
      const counted = this.#columns[k];
      return { ...column, counts: [...(counted?.counts ?? [])], missing: counted?.missing ?? 0 };
    });
    return { ...this.#bins, flows: this.#flows, columns };
  }
}

interface BinCounts {
  readonly bins: ColumnProfile["bins"];
  /** Flows are float32, so what they are held against must be too. */
  readonly cuts: Float32Array;
  readonly counts: Float64Array;
  missing: number;
}

function binOf({ bins, cuts, counts }: BinCounts, value: number): number {
  const last = counts.length - 1;
  if (bins === "codes") return Math.min(value, last);
  // The first cut that is not below the value.
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cuts[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return bins === "ranges" || cuts[low] === value ? low : last;
}
