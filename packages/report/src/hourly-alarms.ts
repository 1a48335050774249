import { type HOURS_OF_WEEK, hourOfWeek, timeSpan } from "@oddflow/preprocessing";
import type { ReportData } from "./report-data.ts";

/** What an hour of the day, or of the week, has on average. */
export interface HourAlarms {
  readonly hour: number;
  /** A day, or a week: alarms by normal flows, or by all where there are no labels, and by attacks. */
  readonly normal: number;
  readonly attack: number;
  /** What the budget grants the normal flows; undefined where the threshold was chosen otherwise. */
  readonly granted: number | undefined;
}

/** Hours of the day or of the week. */
export type HoursOfCycle = 24 | typeof HOURS_OF_WEEK;

const HOUR = 3600;

/** 1980: what is before is no time of a clock, but seconds of a recording. */
const EARLIEST = 315_532_800;

/**
 * Alarms at the threshold in use that no rule takes away, by hour, in UTC, the hours that have flows alone; undefined where times are not known, or span less than
 * one cycle. An hour is averaged over the days, or weeks, in which it has flows.
 */
export function hourlyAlarms(
  { scores, suppressed, labels, thresholds, times = new Float64Array() }: ReportData,
  cycle: HoursOfCycle,
): readonly HourAlarms[] | undefined {
  const [inUse] = thresholds;
  const span = timeSpan(times);
  if (inUse === undefined || span === undefined || span.first < EARLIEST) return undefined;
  if (span.last - span.first < cycle * HOUR - HOUR) return undefined;
  const counts = Array.from({ length: cycle }, () => ({
    cycles: new Set<number>(),
    flows: 0,
    normal: 0,
    attack: 0,
  }));
  for (const [row, time] of times.entries()) {
    if (!(time >= span.first && time <= span.last)) continue;
    const own = counts[hourOfWeek(time) % cycle];
    if (own === undefined) continue;
    const isAttack = labels !== undefined && labels.isAttack[row] !== 0;
    const isAlarm = (scores[row] as number) >= inUse.value && suppressed?.[row] !== 1;
    own.cycles.add(Math.floor((time - span.first) / (cycle * HOUR)));
    if (!isAttack) own.flows++;
    if (isAlarm && isAttack) own.attack++;
    if (isAlarm && !isAttack) own.normal++;
  }
  return counts.flatMap(({ cycles, flows, normal, attack }, hour) => {
    const a = (count: number): number => count / cycles.size;
    const granted = inUse.budget === undefined ? undefined : a(inUse.budget * flows);
    return cycles.size === 0 ? [] : [{ hour, normal: a(normal), attack: a(attack), granted }];
  });
}
