import { addCalendar, type ScoreCalendar, scoreAtHour } from "@oddflow/detector";
import { openNodeSession, Tensor } from "@oddflow/inference/node";
import { checkGraph, encodeModel, GraphBuilder, readModelSummary } from "@oddflow/onnx";
import { HOURS_OF_WEEK } from "@oddflow/preprocessing";
import fc from "fast-check";
import { expect, test } from "vitest";

const FLOWS = "flows";

/** A model of two columns, a score and an hour, that gives the score for the hour. */
function calendarModel(calendar: ScoreCalendar): Uint8Array {
  const graph = new GraphBuilder("calendar");
  const rows = graph.node("Transpose", [graph.input(FLOWS, "float32", ["batch", 2])], { perm: [1, 0] });
  const column = (place: number): string => {
    const row = graph.node("Gather", [rows, graph.integers([place])], { axis: 0 });
    return graph.node("Squeeze", [graph.node("Transpose", [row], { perm: [1, 0] }), graph.integers([1])]);
  };
  addCalendar(graph, calendar, column(0), column(1), "score");
  graph.output("score", "float32", ["batch"]);
  return encodeModel({ graph: graph.build(), opset: 17, producer: "test", metadata: new Map() });
}

async function scored(model: Uint8Array, flows: readonly (readonly [number, number])[]): Promise<number[]> {
  const session = await openNodeSession(model, "cpu", 1);
  const tensor = new Tensor("float32", Float32Array.from(flows.flat()), [flows.length, 2]);
  const outputs = await session.run({ [FLOWS]: tensor });
  await session.release();
  const scores = outputs["score"]?.data as Float32Array;
  return [...scores];
}

const value = fc.float({ min: Math.fround(0.01), max: 50, noNaN: true });
const someHours = fc.array(
  fc.record({ low: value, step: value, below: value, between: value, above: value }),
  { minLength: 1, maxLength: 5 },
);
/** The hours of a week have the values of a few in turn. */
const calendars: fc.Arbitrary<ScoreCalendar> = someHours.map((some) => {
  const hours = Array.from(
    { length: HOURS_OF_WEEK },
    (_, hour) => some[hour % some.length] as (typeof some)[number],
  );
  return {
    low: hours.map(({ low }) => low),
    high: hours.map(({ low, step }) => Math.fround(low + step)),
    below: hours.map(({ below }) => below),
    between: hours.map(({ between }) => between),
    above: hours.map(({ above }) => above),
  };
});
const flows = fc.array(
  fc.tuple(
    fc.oneof(fc.float({ min: 0, max: 100, noNaN: true }), fc.constantFrom(0, 1e9, Math.fround(1e18))),
    fc.oneof(fc.nat(HOURS_OF_WEEK - 1), fc.constantFrom(Number.NaN, -1, -0.5, HOURS_OF_WEEK, 1e9, Infinity)),
  ),
  { minLength: 1, maxLength: 40 },
);

test("the graph gives TypeScript's scores to the last bit, wherever a flow stands, and leaves those without an hour", async () => {
  await fc.assert(
    fc.asyncProperty(calendars, flows, async (calendar, rows) => {
      const model = calendarModel(calendar);
      const expected = rows.map(([score, hour]) => scoreAtHour(calendar, score, hour));
      expect(await scored(model, rows)).toEqual(expected);
      expect(await scored(model, rows.toReversed())).toEqual(expected.toReversed());
      for (const [k, [score, hour]] of rows.entries())
        if (!(hour >= 0 && hour < HOURS_OF_WEEK)) expect(expected[k]).toBe(score);
    }),
    { numRuns: 40 },
  );
});

test("of two scores at an hour the higher one stays the higher one, and levels go where they should", () => {
  fc.assert(
    fc.property(
      calendars,
      fc.nat(HOURS_OF_WEEK - 1),
      fc.array(fc.float({ min: 0, max: 1e6, noNaN: true })),
      (calendar, hour, some) => {
        const scores = some.sort((a, b) => a - b).map((score) => scoreAtHour(calendar, score, hour));
        // A last bit may be lost where a score is much stretched.
        for (const [k, score] of scores.entries())
          expect(score).toBeGreaterThanOrEqual((scores[k - 1] ?? 0) * (1 - 1e-4) - 1e-3);
        const at = (values: readonly number[]): number => values[hour] ?? 0;
        const { low, high, below, between } = calendar;
        const atLow = at(low) * at(below);
        expect(scoreAtHour(calendar, at(low), hour) / atLow).toBeCloseTo(1, 4);
        const atHigh = atLow + (at(high) - at(low)) * at(between);
        expect(scoreAtHour(calendar, at(high), hour) / atHigh).toBeCloseTo(1, 3);
      },
    ),
  );
});

test("its operators are those that a model file may hold, with shapes that follow", () => {
  const flat = Array.from({ length: HOURS_OF_WEEK }, () => 1);
  const model = calendarModel({
    low: flat,
    high: flat.map(() => 2),
    below: flat,
    between: flat,
    above: flat,
  });
  expect(checkGraph(readModelSummary(model).graph, FLOWS, 2).get("score")).toEqual(["batch"]);
});
