import type { ScoreCalendar } from "@oddflow/detector";
import { shortestFloat32 } from "@oddflow/preprocessing";
import { hourExcess } from "./hour-excess.ts";
import { hourLevels, middleLevels } from "./hour-levels.ts";
import { quantileAbove } from "./hour-statistics.ts";
import { gatherHours, type HourlyScores } from "./weeks-of-scores.ts";

/**
 * Where scores at an hour are held against those of all flows: the level that one in twenty is above, which a few hundred flows show, and
 * that of one in a hundred, the default budget.
 */
const SHARES = [0.05, 0.01] as const;

/**
 * What scores are usual at each hour of the week, from flows that are taken for usual; undefined where too few have an hour, or their
 * scores have no tail.
 *
 * An hour's scores are stretched so that both levels, and the mean excess above the second, become those of all flows. Each is told
 * from every group of weeks by itself, and the one in their middle is taken: what came in one week alone, such as an attack, is not usual
 * at its hour. Neighbouring hours are not drawn together: jobs begin at full hours.
 */
export function fitCalendar(flows: HourlyScores): ScoreCalendar | undefined {
  const groups = gatherHours(flows);
  const all = flows.scores.filter((_, row) => Number.isFinite(flows.hours[row])).sort();
  if (all.length === 0) return undefined;
  const levels = SHARES.map((share) => quantileAbove(all, share));
  const [first, last] = levels as [number, number];
  const beyond = all.subarray(all.findLastIndex((score) => score <= last) + 1);
  const excess = beyond.reduce((sum, score) => sum + score - last, 0) / beyond.length;
  if (!(first > 0 && last > first && excess > 0)) return undefined;
  const found = middleLevels(groups.map((hours) => hourLevels(hours, SHARES, levels)));
  const [low, high] = found.map((ofHours) => ofHours.map(Math.exp)) as [number[], number[]];
  const over = hourExcess(groups, high, excess);
  const slopes = {
    below: low.map((level) => first / level),
    between: low.map((level, hour) => (last - first) / ((high[hour] as number) - level)),
    above: over.map((own) => excess / own),
  };
  const rounded = (values: readonly number[]): number[] =>
    values.map((value) => shortestFloat32(Math.fround(value)));
  return {
    low: rounded(low),
    high: rounded(high),
    below: rounded(slopes.below),
    between: rounded(slopes.between),
    above: rounded(slopes.above),
  };
}
