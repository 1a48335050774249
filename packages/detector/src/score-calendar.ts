import type { GraphBuilder } from "@oddflow/onnx";
import { HOURS_OF_WEEK } from "@oddflow/preprocessing";

/**
 * What scores are usual at each hour of the week, `HOURS_OF_WEEK` values each, the first from Monday 00:00 UTC. At an hour a score
 * is stretched by `below` up to the level `low`, by `between` from there to `high`, and by `above` beyond, so that scores that are as
 * rare at their hour are alike at all hours. All are float32 above 0.
 */
export interface ScoreCalendar {
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly below: readonly number[];
  readonly between: readonly number[];
  readonly above: readonly number[];
}

/** A score for its hour, in the float32 arithmetic of the graph. @param hour of the week; whatever else, such as NaN, changes nothing */
export function scoreAtHour(calendar: ScoreCalendar, score: number, hour: number): number {
  if (!(hour >= 0 && hour <= LAST_HOUR)) return score;
  const at = (values: readonly number[]): number => Math.fround(values[Math.trunc(hour)] as number);
  const over = (level: number): number => Math.max(0, Math.fround(score - level));
  const [overLow, overHigh] = [over(at(calendar.low)), over(at(calendar.high))];
  const first = Math.fround(Math.fround(score - overLow) * at(calendar.below));
  const second = Math.fround(Math.fround(overLow - overHigh) * at(calendar.between));
  return Math.fround(Math.fround(first + second) + Math.fround(overHigh * at(calendar.above)));
}

const LAST_HOUR = HOURS_OF_WEEK - 1;

/** As ONNX numbers types of elements. */
const INT32 = 6;

/**
 * Adds what scores are for their hour, as `scoreAtHour`: `scores` and `hours` name float32 values `[batch]`, and `name` is what the result
 * is called.
 *
 * An hour's values are looked up, which nothing is summed for: a flow's score does not hang on its place in the batch. What is no hour
 * has a place of its own behind them, where all of a score is above levels of 0 and stretched by 1.
 */
export function addCalendar(
  graph: GraphBuilder,
  { low, high, below, between, above }: ScoreCalendar,
  scores: string,
  hours: string,
  name: string,
): string {
  const middle = graph.scalar(LAST_HOUR / 2);
  // A comparison with NaN is false.
  const isHour = graph.node("LessOrEqual", [
    graph.node("Abs", [graph.node("Sub", [hours, middle])]),
    graph.scalar(LAST_HOUR / 2),
  ]);
  const known = graph.node("Where", [isHour, hours, graph.scalar(HOURS_OF_WEEK)]);
  const place = graph.node("Cast", [known], { to: INT32 });
  const atHour = (values: readonly number[], other: number): string =>
    graph.node("Gather", [graph.floats([...values, other], [HOURS_OF_WEEK + 1]), place], { axis: 0 });
  const over = (levels: readonly number[]): string =>
    graph.node("Relu", [graph.node("Sub", [scores, atHour(levels, 0)])]);
  const [overLow, overHigh] = [over(low), over(high)];
  const first = graph.node("Mul", [graph.node("Sub", [scores, overLow]), atHour(below, 1)]);
  const second = graph.node("Mul", [graph.node("Sub", [overLow, overHigh]), atHour(between, 1)]);
  const third = graph.node("Mul", [overHigh, atHour(above, 1)]);
  return graph.node("Add", [graph.node("Add", [first, second]), third], {}, name);
}
