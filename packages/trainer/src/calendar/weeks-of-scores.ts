import { HOURS_OF_WEEK } from "@oddflow/preprocessing";

/** Scores of flows, and when they were. */
export interface HourlyScores {
  /** One a flow, finite. */
  readonly scores: Float32Array;
  /** `hourOfWeek` of each; NaN where it is not known, and such a flow does not count. */
  readonly hours: Float32Array;
  /** Seconds since 1970 of each. */
  readonly times: Float64Array;
}

/** The scores at each hour of the week, in rising order. */
export type ScoresByHour = readonly Float32Array[];

const WEEK = HOURS_OF_WEEK * 3600;

/** Three have a median, and each has as many flows as it can then. */
const MOST_GROUPS = 3;

/** A week with less than this share of the flows of the fullest is none: a few wrong times do not make one. */
const SMALLEST_WEEK = 0.1;

/** Scores by hour of the week, of the weeks from the first flow on, which are dealt out to at most three groups. */
export function gatherHours({ scores, hours, times }: HourlyScores): readonly ScoresByHour[] {
  const placed = Uint32Array.from(hours.keys()).filter((row) => Number.isFinite(hours[row]));
  const first = placed.reduce((least, row) => Math.min(least, times[row] as number), Infinity);
  const weekOf = (row: number): number => Math.floor(((times[row] as number) - first) / WEEK);
  const sizes = new Map<number, number>();
  for (const row of placed) sizes.set(weekOf(row), (sizes.get(weekOf(row)) ?? 0) + 1);
  const fullest = [...sizes.values()].reduce((most, size) => Math.max(most, size), 0);
  const weeks = [...sizes.keys()]
    .filter((week) => (sizes.get(week) ?? 0) >= SMALLEST_WEEK * fullest)
    .sort((a, b) => a - b);
  const count = Math.min(weeks.length, MOST_GROUPS);
  const groupOf = new Map(weeks.map((week, k) => [week, k % count]));
  const rows = Array.from({ length: count }, () => Array.from({ length: HOURS_OF_WEEK }, (): number[] => []));
  for (const row of placed) {
    const group = groupOf.get(weekOf(row));
    if (group !== undefined) rows[group]?.[hours[row] as number]?.push(scores[row] as number);
  }
  return rows.map((group) => group.map((own) => Float32Array.from(own).sort()));
}
