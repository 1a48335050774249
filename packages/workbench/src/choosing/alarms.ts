import {
  isExtrapolated,
  type ScoreDistribution,
  scoreRarity,
  thresholdForBudget,
  Verdict,
} from "@oddflow/detector";
import { timeSpan } from "@oddflow/preprocessing";
import { countText, rarityText } from "@oddflow/report/look";

/** How the threshold was chosen. */
export type ThresholdSetting =
  /** About this share (0 to 1) of usual flows may raise an alarm. */
  | { readonly kind: "share"; readonly share: number }
  /** The oddest of the table's own flows: this share (0 to 1) of them, or a few more where scores are equal. */
  | { readonly kind: "oddest"; readonly share: number }
  /** So many alarms a day, by the table's own time column. */
  | { readonly kind: "a-day"; readonly alarms: number }
  /** A score that somebody chose. */
  | { readonly kind: "score"; readonly score: number };

/** How fast flows come: rows in a time span, in seconds. */
export interface FlowRate {
  readonly rows: number;
  readonly seconds: number;
  /** Flows whose times are too far from the others to count. */
  readonly strays: number;
}

const DAY = 86_400;

/** Shares of usual flows that an alert budget offers, and of a table's own flows. */
export const USUAL_SHARES: readonly number[] = [0.1, 0.05, 0.02, 0.01, 0.005, 0.001, 0.0001];
export const ODDEST_SHARES: readonly number[] = [0.1, 0.05, 0.01, 0.001];

/** What a budget is held against. */
export interface BudgetBasis {
  /** As `oddestScores` gives them. */
  readonly oddest: ReadonlyMap<number, number>;
  readonly heldBack: ScoreDistribution;
  readonly rate: FlowRate | undefined;
}

/** The score from which on a flow is an anomaly; shares and alarms a day as the commands' `--budget` chooses them. */
export function thresholdOf(budget: ThresholdSetting, { oddest, heldBack, rate }: BudgetBasis): number {
  switch (budget.kind) {
    case "score":
      return budget.score;
    case "share":
      return thresholdForBudget(heldBack, budget.share);
    case "oddest": {
      const score = oddest.get(budget.share);
      if (score === undefined)
        throw new Error(`no score is known of the oddest ${budget.share} of the flows`);
      return score;
    }
    case "a-day": {
      const flowsADay = rate === undefined ? Number.POSITIVE_INFINITY : (rate.rows / rate.seconds) * DAY;
      return thresholdForBudget(heldBack, Math.min(1, budget.alarms / flowsADay));
    }
  }
}

/**
 * The score of the last of a table's oddest flows, by their share of it: of every share that a budget offers, since one for usual
 * flows can become one for the table's.
 * @param order the rows in falling order of their scores, one or more
 */
export function oddestScores(
  scores: Float32Array,
  order: Uint32Array,
  shares: readonly number[] = [...USUAL_SHARES, ...ODDEST_SHARES],
): ReadonlyMap<number, number> {
  return new Map(
    shares.map((share) => {
      const last = Math.min(order.length, Math.max(1, Math.round(share * order.length))) - 1;
      return [share, scores[order[last] as number] as number];
    }),
  );
}

/** How rare a threshold is among usual flows, in words, and whether any of those that were held back shows it. */
export function thresholdRarity(heldBack: ScoreDistribution, threshold: number): string {
  const share = scoreRarity(heldBack, threshold);
  const source = isExtrapolated(heldBack, share)
    ? `, extrapolated from ${countText(heldBack.flows)} that were held back`
    : "";
  return `${rarityText(share)} usual flows reaches it${source}`;
}

/** How fast flows come, as the commands reckon it; undefined where no time passes. NaN is no time. */
export function flowRate(seconds: Float64Array): FlowRate | undefined {
  const span = timeSpan(seconds);
  return span && span.last > span.first
    ? { rows: seconds.length, seconds: span.last - span.first, strays: span.strays }
    : undefined;
}

/** How many of the rows score `threshold` or more; `rows` are in falling order of their scores. */
export function countAlarms(scores: Float32Array, rows: Uint32Array, threshold: number): number {
  const verdict = new Verdict(threshold);
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (verdict.isAnomaly(scores[rows[middle] as number] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** From and to, in seconds since 1970, both included. */
export type TimeRange = readonly [from: number, to: number];

/** As far before a time as no clock tells apart. */
const JUST_BEFORE = 1e-4;

/** From a time on, and before another. */
export function rangeBefore(from: number, end: number): TimeRange {
  return [from, end - JUST_BEFORE];
}

/** The rows that pass a filter (1 where one does) and lie in a time range, in the order that they are given in. */
export function chooseRows(
  order: Uint32Array,
  passes: Uint8Array | undefined,
  seconds?: Float64Array,
  range?: TimeRange,
): Uint32Array {
  if (passes === undefined && (range === undefined || seconds === undefined)) return order;
  return order.filter((row) => {
    if (passes !== undefined && passes[row] !== 1) return false;
    if (range === undefined || seconds === undefined) return true;
    const second = seconds[row] as number;
    return second >= range[0] && second <= range[1];
  });
}
