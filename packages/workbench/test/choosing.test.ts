import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { placeOnAxis, scoreAtPlace } from "../src/charts/axis-place.ts";
import { countTimes, timeBins, timeText, widthText } from "../src/charts/time-bins.ts";
import {
  chooseRows,
  countAlarms,
  flowRate,
  oddestScores,
  thresholdOf,
  thresholdRarity,
} from "../src/choosing/alarms.ts";
import { RowChoice } from "../src/choosing/chosen-flows.ts";
import { filterRows, frequentValues } from "../src/choosing/column-filter.ts";
import { endpointColumns, endpointText } from "../src/choosing/endpoints.ts";
import { countLabels, labelFigures } from "../src/choosing/label-figures.ts";
import { type FlowColumns, readTable } from "../src/reading/index.ts";
import { orderByScore } from "../src/scoring/order-by-score.ts";

const scoreList = fc.float32Array({
  noNaN: true,
  noDefaultInfinity: true,
  min: -100,
  minLength: 1,
  maxLength: 60,
});
const heldBack = { flows: 100, probabilities: [0, 0.5, 1], scores: [0, 1, 10] };

describe("alarms", () => {
  test("rows are ordered by score, and as many are alarms as reach the threshold", () => {
    fc.assert(
      fc.property(scoreList, fc.float({ noNaN: true }), (scores, threshold) => {
        const order = orderByScore(scores);
        expect([...order].sort((a, b) => a - b)).toEqual([...scores.keys()]);
        for (let place = 1; place < order.length; place++) {
          const [before = 0, row = 0] = [order[place - 1], order[place]];
          const [higher = 0, score = 0] = [scores[before], scores[row]];
          expect(higher > score || (higher === score && before < row)).toBe(true);
        }
        expect(countAlarms(scores, order, threshold)).toBe(
          scores.filter((score) => score >= threshold).length,
        );
      }),
    );
  });

  test("it is said how rare a threshold is, and where none of the flows held back shows it", () => {
    const tail = { threshold: 9, share: 0.1, shape: 0.2, scale: 1 };
    const few = { ...heldBack, tail };
    expect(thresholdRarity(few, 1)).toBe("1 in 2 usual flows reaches it");
    expect(thresholdRarity(few, 9)).toBe("1 in 10 usual flows reaches it");
    expect(thresholdRarity(few, 13)).toBe(
      "1 in 190 usual flows reaches it, extrapolated from 100 that were held back",
    );
  });

  test("the oddest share of a table raises as many alarms, and more only where scores are equal", () => {
    fc.assert(
      fc.property(scoreList, fc.double({ min: 0, max: 1, noNaN: true }), (scores, share) => {
        const order = orderByScore(scores);
        const oddest = oddestScores(scores, order, [share]);
        const table = { oddest, heldBack, rate: undefined };
        const threshold = thresholdOf({ kind: "oddest", share }, table);
        const wanted = Math.max(1, Math.round(share * scores.length));
        expect(scores.filter((score) => score > threshold).length).toBeLessThan(wanted);
        expect(countAlarms(scores, order, threshold)).toBeGreaterThanOrEqual(wanted);
      }),
    );
  });

  test("so many a day are a share of the flows that come in a day", () => {
    const rate = flowRate(Float64Array.of(0, Number.NaN, 43_200, 21_600));
    expect(rate).toEqual({ rows: 4, seconds: 43_200, strays: 0 });
    const table = { oddest: new Map<number, number>(), heldBack, rate };
    const aDay = thresholdOf({ kind: "a-day", alarms: 4 }, table);
    expect(aDay).toBe(thresholdOf({ kind: "share", share: 0.5 }, table));
    expect(flowRate(Float64Array.of(5, 5))).toBeUndefined();
  });

  test("a filter and a stretch of time choose rows and keep their order", () => {
    const order = Uint32Array.of(3, 1, 0, 2);
    const seconds = Float64Array.of(10, 20, Number.NaN, 30);
    expect(chooseRows(order, undefined)).toBe(order);
    expect([...chooseRows(order, Uint8Array.of(1, 0, 1, 1))]).toEqual([3, 0, 2]);
    expect([...chooseRows(order, undefined, seconds, [20, 30])]).toEqual([3, 1]);
    expect([...chooseRows(order, Uint8Array.of(0, 1, 1, 0), seconds, [0, 30])]).toEqual([1]);
  });

  test("labels that flows have come by their number, and say how many attacks were found", () => {
    const label = { names: ["normal", "dos", "worm"] };
    const [flows, alarms] = [Uint32Array.of(1, 2, 0), Uint32Array.of(1, 1, 0)];
    expect(countLabels(label, flows, alarms)).toEqual([
      { name: "dos", flows: 2, alarms: 1 },
      { name: "normal", flows: 1, alarms: 1 },
    ]);
    const figures = labelFigures(flows, alarms, Uint8Array.of(0, 1, 1));
    expect(figures).toEqual({ attacks: 2, attacksFound: 1, normals: 1, falseAlarms: 1 });
  });

  test("what is chosen is counted as one counts it row by row", () => {
    const row = fc.record({
      score: fc.float({ min: 0, max: 4, noNaN: true }),
      second: fc.oneof(fc.double({ min: 0, max: 100, noNaN: true }), fc.constant(Number.NaN)),
      label: fc.nat({ max: 2 }),
      passes: fc.boolean(),
      isSuppressed: fc.boolean(),
    });
    const range = fc.tuple(fc.double({ min: 0, max: 100, noNaN: true }), fc.constant(70));
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 60 }),
        fc.option(range, { nil: undefined }),
        fc.float({ min: 0, max: 4, noNaN: true }),
        (rows, [from, to] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], threshold) => {
          const scores = Float32Array.from(rows, ({ score }) => score);
          const seconds = Float64Array.from(rows, ({ second }) => second);
          const bins = { start: 0, width: 10, count: 11 };
          const choice = new RowChoice({
            scores,
            order: orderByScore(scores),
            axis: { type: "linear", domain: [0, 4] },
            time: { seconds, bins },
            label: { names: ["a", "b", "c"], codes: Uint16Array.from(rows, ({ label }) => label) },
          });
          const isWhole = from === Number.NEGATIVE_INFINITY;
          const found = choice.choose(
            Uint8Array.from(rows, ({ passes }) => Number(passes)),
            isWhole ? undefined : [from, to],
            Uint8Array.from(rows, ({ isSuppressed }) => Number(isSuppressed)),
          );
          const filtered = rows.filter(({ passes }) => passes);
          const chosen = filtered.filter(({ second }) => isWhole || (second >= from && second <= to));
          const counts = (all: readonly (typeof rows)[number][], some: readonly (typeof rows)[number][]) => ({
            rows: some.length,
            labels: Uint32Array.from([0, 1, 2], (code) => some.filter(({ label }) => label === code).length),
            filtered: all.length,
            overTime: Uint32Array.from(
              { length: bins.count },
              (_, bin) => all.filter(({ second }) => Math.floor(second / 10) === bin).length,
            ),
          });
          const { spread, ...others } = found;
          expect(others).toEqual(counts(filtered, chosen));
          expect(spread.shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(chosen.length && 1, 9);
          const left = chosen.filter(({ isSuppressed }) => !isSuppressed);
          expect(spread.left.reduce((sum, share) => sum + share, 0)).toBeCloseTo(
            chosen.length && left.length / chosen.length,
            9,
          );
          const isOdd = ({ score }: (typeof rows)[number]): boolean => score >= threshold;
          const isAlarm = (own: (typeof rows)[number]): boolean => isOdd(own) && !own.isSuppressed;
          expect(choice.countAlarms(threshold)).toEqual({
            ...counts(filtered.filter(isAlarm), chosen.filter(isAlarm)),
            odd: chosen.filter(isOdd).length,
          });
        },
      ),
    );
  });
});

describe("filters", () => {
  const read = (lines: string): Promise<FlowColumns> =>
    readTable(new Blob([lines]), "f.csv", () => undefined);

  test("by what a column says", async () => {
    const table = await read("proto,bytes,when\ntcp,1.50,a\nUDP,10,\nudp,,b\ntcp,9,1\n");
    const scores = Float32Array.of(1, 2, 3, 4);
    const rows = (
      column: string,
      operator: Parameters<typeof filterRows>[2][number]["operator"],
      value: string,
    ) =>
      [...filterRows(table, scores, [{ column, operator, value }]).keys()].filter(
        (row) => filterRows(table, scores, [{ column, operator, value }])[row] === 1,
      );
    expect(rows("proto", "is", "udp")).toEqual([2]);
    expect(rows("proto", "is-not", "udp")).toEqual([0, 1, 3]);
    expect(rows("proto", "contains", "UD")).toEqual([1, 2]);
    expect(rows("bytes", "is", "1.5")).toEqual([0]);
    expect(rows("bytes", "at-least", "9")).toEqual([1, 3]);
    expect(rows("bytes", "at-most", "9.0")).toEqual([0, 3]);
    expect(rows("bytes", "is", "")).toEqual([2]);
    expect(rows("when", "at-least", "0")).toEqual([3]);
    expect(rows("score", "at-least", "3")).toEqual([2, 3]);
    expect(rows("no such column", "is", "")).toEqual([]);
    const both = [
      { column: "proto", operator: "is", value: "tcp" },
      { column: "score", operator: "at-most", value: "1" },
    ] as const;
    expect([...filterRows(table, scores, both)]).toEqual([1, 0, 0, 0]);
  });

  test("the most frequent values come first", async () => {
    const { columns } = await read("a,b\nx,1\ny,1\ny,1\n,1\nz,1\nz,1\n");
    expect(columns[0] && frequentValues(columns[0], 2)).toEqual(["y", "z"]);
  });
});

describe("time", () => {
  test("bins hold every time, are no more than asked for, and begin at a multiple of their width", () => {
    const times = fc.array(fc.integer({ min: 0, max: 2_000_000_000 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(times, fc.integer({ min: 2, max: 90 }), (list, most) => {
        const seconds = Float64Array.from([...list, Number.NaN]);
        const bins = timeBins(seconds, most);
        if (bins === undefined) throw new Error("no bins");
        expect(bins.count).toBeLessThanOrEqual(most);
        expect(Math.abs(bins.start / bins.width - Math.round(bins.start / bins.width))).toBeLessThan(1e-6);
        const counts = countTimes(bins, seconds, Uint32Array.from(seconds.keys()));
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(list.length);
      }),
    );
    expect(timeBins(Float64Array.of(Number.NaN), 10)).toBeUndefined();
  });

  test("in words", () => {
    expect([0.1, 1, 600, 3600, 172_800].map(widthText)).toEqual([
      "100 milliseconds",
      "1 second",
      "10 minutes",
      "1 hour",
      "2 days",
    ]);
    expect(timeText(1_421_927_377.5)).toBe("2015-01-22 11:49:37");
    for (const time of [Number.NaN, Number.POSITIVE_INFINITY, 1e25]) expect(timeText(time)).toBe("–");
  });
});

test("a place on an axis and its score are each other's inverse", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("linear", "log"),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (type, place) => {
        const axis = { type, domain: [0.02, 40] } as const;
        expect(placeOnAxis(axis, scoreAtPlace(axis, place))).toBeCloseTo(place, 9);
      },
    ),
  );
  expect(placeOnAxis({ type: "log", domain: [1, 10] }, 0)).toBe(0);
  expect(placeOnAxis({ type: "linear", domain: [1, 10] }, 99)).toBe(1);
});

test("address and port of an end stand together where the names tell the ends apart", () => {
  const ends = (names: string): unknown =>
    endpointColumns(names.split(" ")).map(({ heading, ends: places }) => [heading, ...places]);
  const both = [["from, to", [0, 1], [2, 3]]];
  expect(ends("source_ip source_port destination_ip destination_port")).toEqual(both);
  expect(ends("srcip sport dstip dsport")).toEqual(both);
  expect(ends("id.orig_h id.orig_p id.resp_h id.resp_p")).toEqual(both);
  expect(ends("uid host")).toEqual([
    ["uid", [0]],
    ["host", [1]],
  ]);
  expect(endpointText(["192.0.2.1", "443"])).toBe("192.0.2.1:443");
  expect(endpointText(["2001:db8::1", "443"])).toBe("[2001:db8::1]:443");
  expect(endpointText(["", ""])).toBe("");
});
