import type { FlowLabels } from "@oddflow/evaluation";
import { OddflowError } from "@oddflow/preprocessing";
import { type Split, type SplitOptions, splitFitAndTest } from "./split.ts";

/** A table cut in two by time. Every later flow is later than every earlier one. */
export interface TimeCut {
  /** Row numbers in rising order; flows without a time are in neither. */
  readonly earlier: Uint32Array;
  readonly later: Uint32Array;
  /** In the unit of the times. */
  readonly lastEarlier: number;
  readonly firstLater: number;
  /** "gap": nothing was recorded for long between the two. "quantile": about 70 % of the flows are earlier. */
  readonly by: "gap" | "quantile";
}

/** A gap is a cut when each side has at least this share of the flows, */
const SMALLEST_SIDE = 0.1;
/**
 * and when it takes at least this share of the time between the first tenth of the flows and the last: a night between days
 * does, a lull in traffic doesn't.
 */
const WIDE_GAP = 0.1;
/** The earlier share of the flows where there is no such gap. */
const EARLIER_SHARE = 0.7;

/**
 * Cuts flows at the widest gap between two recordings, or where there is none at the 70 % quantile of time.
 * @param times one a flow, NaN where it is missing
 * @throws OddflowError TOO_FEW_FLOWS when fewer than two different times are there.
 */
export function cutByTime(times: Float64Array): TimeCut {
  const sorted = times.filter((time) => !Number.isNaN(time)).sort();
  const count = sorted.length;
  const first = sorted[0] ?? 0;
  const last = sorted[count - 1] ?? 0;
  if (!(last > first)) {
    throw new OddflowError(
      "TOO_FEW_FLOWS",
      `split by time: ${times.length} flows have ${count === 0 ? "no time" : "one time"}; at least 2 different times are needed`,
    );
  }
  let widest = 0;
  let gapAt = 0;
  let quantileAt = 0;
  for (let at = 1; at < count; at++) {
    const gap = (sorted[at] as number) - (sorted[at - 1] as number);
    if (gap === 0) continue;
    const wanted = EARLIER_SHARE * count;
    if (quantileAt === 0 || Math.abs(at - wanted) < Math.abs(quantileAt - wanted)) quantileAt = at;
    if (Math.min(at, count - at) >= SMALLEST_SIDE * count && gap > widest) {
      widest = gap;
      gapAt = at;
    }
  }
  const side = Math.floor(SMALLEST_SIDE * count);
  const inner = (sorted[count - 1 - side] as number) - (sorted[side] as number);
  const by = widest > 0 && widest >= WIDE_GAP * inner ? "gap" : "quantile";
  const cutAt = by === "gap" ? gapAt : quantileAt;
  const firstLater = sorted[cutAt] as number;
  const rows = Uint32Array.from(times, (_, row) => row);
  return {
    earlier: rows.filter((row) => (times[row] as number) < firstLater),
    later: rows.filter((row) => (times[row] as number) >= firstLater),
    lastEarlier: sorted[cutAt - 1] as number,
    firstLater,
    by,
  };
}

/**
 * Trains on the earlier of some rows and tests on the later ones: `cutByTime` on the whole table, then `splitFitAndTest`.
 * Where no share of attacks in training is named it is 0: the earlier day's normal flows alone.
 * @param times one a flow of the table, NaN where it is missing
 * @throws OddflowError as both do
 */
export function splitByTime(
  times: Float64Array,
  rows: Uint32Array,
  labels: FlowLabels | undefined,
  options: SplitOptions,
): Split {
  const { firstLater } = cutByTime(times);
  const earlier = rows.filter((row) => (times[row] as number) < firstLater);
  const later = rows.filter((row) => (times[row] as number) >= firstLater);
  return splitFitAndTest(earlier, later, labels, {
    ...options,
    attacksInTraining: options.attacksInTraining ?? 0,
  });
}
