import {
  type ColumnCoding,
  type ColumnSpec,
  OddflowError,
  shortestFloat32,
  unseenCode,
} from "@oddflow/preprocessing";
import { FlowCounter } from "./flow-counter.ts";
import { type ColumnProfile, type FlowProfile, PROFILE_VERSION } from "./flow-profile.ts";

/** A number column has at most this many bins with something in them: twentieths, or a value each. */
const MOST_BINS = 20;

/**
 * Fits bins to flows and counts the flows in them, so that later flows can be counted in the same bins.
 *
 * `flows` is row-major `[rows, columns]`, encoded by `columns`; NaN and infinities are missing.
 * @throws OddflowError FLOWS_SHAPE when `flows` is no whole number of rows, TOO_FEW_FLOWS when there is none.
 */
export function profileFlows(
  columns: readonly (ColumnCoding | ColumnSpec)[],
  flows: Float32Array,
): FlowProfile {
  const rows = flows.length / columns.length;
  if (rows === 0) {
    throw new OddflowError("TOO_FEW_FLOWS", "profile flows: there are none; at least 1 is needed");
  }
  if (!Number.isInteger(rows)) {
    throw new OddflowError(
      "FLOWS_SHAPE",
      `profile flows: ${flows.length} values found, a multiple of ${columns.length} columns expected`,
    );
  }
  const values = new Float32Array(rows);
  const empty = columns.map((column, k): ColumnProfile => {
    if (column.kind === "category") {
      return withoutFlows(column.name, "codes", [], unseenCode(column) + 1);
    }
    // Which hours flows have is a matter of when they were recorded: an hour never moves.
    if ("isHour" in column) return withoutFlows(column.name, "ranges", [], 1);
    for (let row = 0; row < rows; row++) values[row] = flows[row * columns.length + k] as number;
    const { bins, cuts } = fitBins(values);
    return withoutFlows(column.name, bins, cuts, cuts.length + 1);
  });
  const counter = new FlowCounter({ version: PROFILE_VERSION, flows: 0, columns: empty });
  counter.add(flows);
  return counter.profile;
}

function withoutFlows(
  name: string,
  bins: ColumnProfile["bins"],
  cuts: readonly number[],
  count: number,
): ColumnProfile {
  return { name, bins, cuts, counts: new Array<number>(count).fill(0), missing: 0 };
}

function fitBins(values: Float32Array): Pick<ColumnProfile, "bins" | "cuts"> {
  const sorted = values.filter((value) => Number.isFinite(value)).sort();
  const distinct: number[] = [];
  for (const value of sorted) {
    if (value === distinct[distinct.length - 1]) continue;
    if (distinct.length === MOST_BINS) return { bins: "ranges", cuts: quantiles(sorted) };
    distinct.push(value);
  }
  return { bins: "values", cuts: distinct.map(shortestFloat32) };
}

function quantiles(sorted: Float32Array): number[] {
  const cuts = new Set<number>();
  for (let i = 1; i < MOST_BINS; i++) {
    cuts.add(shortestFloat32(sorted[Math.ceil((i * sorted.length) / MOST_BINS) - 1] as number));
  }
  return [...cuts];
}
