import type { GraphBuilder } from "@oddflow/onnx";
import type { ScoreTail } from "../score-tail.ts";
import type { ScoreDistribution } from "../thresholds.ts";

/**
 * Adds how rare a score is among usual flows, `scoreRarity` as ONNX nodes: scores `[batch, 1]` to shares `[batch, 1]`.
 * Between stored scores the share falls in a straight line, which one gathers by how many of them the score reaches. A score that is one of them has
 * its share, the largest where several are alike.
 */
export function addProbability(
  graph: GraphBuilder,
  { probabilities, scores, tail }: ScoreDistribution,
  score: string,
  name: string,
): string {
  const stored = graph.floats(scores, [1, scores.length]);
  const ones = graph.floats(new Array<number>(scores.length).fill(1), [scores.length, 1]);
  const countOf = (comparison: "Less" | "LessOrEqual"): string => {
    const those = graph.node("Cast", [graph.node(comparison, [stored, score])], { to: FLOAT });
    return graph.node("Cast", [graph.node("MatMul", [those, ones])], { to: INT64 });
  };
  const [passed, reached] = [countOf("Less"), countOf("LessOrEqual")];
  const look = (values: readonly number[], index: string): string =>
    graph.node("Gather", [graph.floats(values), index], { axis: 0 });
  const lines = linesBetween(probabilities, scores);
  const above = graph.node("Sub", [
    score,
    look(
      lines.map(({ from }) => from),
      reached,
    ),
  ]);
  const between = graph.node("Sub", [
    look(
      lines.map(({ share }) => share),
      reached,
    ),
    graph.node("Mul", [
      above,
      look(
        lines.map(({ fall }) => fall),
        reached,
      ),
    ]),
  ]);
  const own = look([...probabilities.map((probability) => 1 - probability), 0], passed);
  const share = graph.node("Where", [graph.node("Less", [passed, reached]), own, between]);
  // float32 may put a share a hair below 0 or above 1.
  const within = graph.node("Clip", [share, graph.scalar(0), graph.scalar(1)], {}, tail ? undefined : name);
  return tail === undefined ? within : addTail(graph, tail, score, within, name);
}

const [FLOAT, INT64] = [1, 7];

/** Nothing times this is still nothing in float32. */
const STEEPEST = 1e38;

/** From a score on, the share of usual flows above it, and how much of it a score higher by one loses. */
interface Line {
  readonly from: number;
  readonly share: number;
  readonly fall: number;
}

/** The line for scores that reach none, one, two... of the stored ones. */
function linesBetween(probabilities: readonly number[], scores: readonly number[]): Line[] {
  const between = scores.slice(1).map((next, i): Line => {
    const [from, low, high] = [scores[i] ?? 0, probabilities[i] ?? 0, probabilities[i + 1] ?? 1];
    // Where two are alike no score reaches one alone.
    return { from, share: 1 - low, fall: next > from ? Math.min(STEEPEST, (high - low) / (next - from)) : 0 };
  });
  return [{ from: 0, share: 1, fall: 0 }, ...between, { from: 0, share: 0, fall: 0 }];
}

/** Puts the fitted tail, `tailRarity`, in the place of the shares from its threshold on; below none is less than it begins with. */
function addTail(
  graph: GraphBuilder,
  { threshold, share, shape, scale }: ScoreTail,
  score: string,
  shares: string,
  name: string,
): string {
  const distance = graph.node("Div", [
    // A score below the tail has no place in it, and its power may be no number.
    graph.node("Relu", [graph.node("Sub", [score, graph.scalar(threshold)])]),
    graph.scalar(scale),
  ]);
  const rarity =
    Math.abs(shape) < 1e-9
      ? graph.node("Exp", [graph.node("Neg", [distance])])
      : graph.node("Pow", [
          graph.node("Relu", [
            graph.node("Add", [graph.node("Mul", [distance, graph.scalar(shape)]), graph.scalar(1)]),
          ]),
          graph.scalar(-1 / shape),
        ]);
  const isInTail = graph.node("GreaterOrEqual", [score, graph.scalar(threshold)]);
  const inTail = graph.node("Mul", [rarity, graph.scalar(share)]);
  return graph.node("Where", [isInTail, inTail, graph.node("Max", [shares, graph.scalar(share)])], {}, name);
}
