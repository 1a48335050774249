import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { placeOnAxis, scoreAtPlace } from "../src/charts/axis-place.ts";
import { countTimes, timeBins, timeText, widthText } from "../src/charts/time-bins.ts";
import {
  chooseRows,
  countAlarms,
  countLabels,
  flowRate,
  thresholdOf,
  thresholdRarity,
} from "../src/choosing/alarms.ts";
import { filterRows, frequentValues } from "../src/choosing/column-filter.ts";
import { endpointColumns, endpointText } from "../src/choosing/endpoints.ts";
import { type FlowColumns, readTable } from "../src/reading/index.ts";
import { orderByScore } from "../src/scoring/score-columns.ts";

const scoreList = fc.float32Array({
  noNaN: true,
  noDefaultInfinity: true,
  min: 0,
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
        const table = { scores, order, heldBack, rate: undefined };
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
    const table = { scores: new Float32Array(), order: new Uint32Array(), heldBack, rate };
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

  test("labels are counted among the rows and among the alarms", () => {
    const codes = Uint16Array.of(0, 1, 0, 2, 0);
    expect(countLabels(["normal", "dos", "worm"], codes, Uint32Array.of(1, 0, 4), 2)).toEqual([
      { name: "normal", flows: 2, alarms: 1 },
      { name: "dos", flows: 1, alarms: 1 },
    ]);
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
    expect(timeText(Number.NaN)).toBe("–");
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
