import {
  type ColumnType,
  timeCandidates,
  timeOfText,
  timeSpan,
  timeUnitsPerSecond,
} from "@oddflow/preprocessing";
import fc from "fast-check";
import { expect, test } from "vitest";

test("columns of times are found by their names, then by their type; what they hold decides about text", () => {
  const names = (columns: [string, ColumnType][]): string[] =>
    timeCandidates(columns.map(([name, type]) => ({ name, type }))).map(({ name }) => name);
  expect(
    names([
      ["dur", "number"],
      ["seen", "time"],
      ["Ts", "number"],
      ["stime", "text"],
    ]),
  ).toEqual(["stime", "Ts", "seen"]);
  expect(
    names([
      ["time", "other"],
      [" Timestamp", "time"],
    ]),
  ).toEqual([" Timestamp"]);
  expect(names([["dur", "number"]])).toEqual([]);
});

test("the unit of numbers since 1970 is told by their size, whatever some of them say", () => {
  const seconds = Date.UTC(2015, 0, 22) / 1000;
  for (const units of [1, 1e3, 1e6, 1e9]) {
    const times = Float64Array.of(seconds, 0, seconds + 1, Number.NaN, 9e18, seconds + 2).map((time) =>
      time === 0 || time === 9e18 ? time : time * units,
    );
    expect(timeUnitsPerSecond(times)).toBe(units);
  }
});

test("a time as text is UTC where it names no offset, and keeps its fraction", () => {
  const noon = Date.UTC(2015, 0, 22, 12) / 1000;
  for (const text of [
    "2015-01-22T12:00:00",
    "2015-01-22 12:00",
    "2015-01-22T12:00:00Z",
    "2015-01-22T14:00:00+02:00",
    "2015-01-22 14:00:00.000 +0200",
    "2015-01-22T06:30:00-0530",
    "2015-01-22T14:00:00.000000000+02",
  ]) {
    expect(timeOfText(text), text).toBe(noon);
  }
  expect(timeOfText("2015-01-22")).toBe(noon - 43_200);
  expect(timeOfText("2015-01-22T12:00:00.123456789Z")).toBeCloseTo(noon + 0.123456789, 6);
  for (const text of ["", "12:00", "22.01.2015", "2015-13-01", "2015-01-22T12", "2015-01-22T12:00:00.Z"]) {
    expect(timeOfText(text), text).toBeNaN();
  }
});

test("times that cannot be do not stretch the span: zeros however many, others up to 1 % at either end", () => {
  const start = Date.UTC(2015, 0, 22) / 1000;
  const wrong = fc.constantFrom(0, -1, 1, start - 366 * 86_400, start + 60 * 86_400, 4.2e9, 9e9, 1e15);
  fc.assert(
    fc.property(
      fc.array(wrong, { maxLength: 4 }),
      fc.integer({ min: 0, max: 400 }),
      fc.integer({ min: 1, max: 86_400 }),
      (strays, zeros, step) => {
        const clean = Float64Array.from({ length: 500 }, (_, i) => start + i * step);
        const span = { first: start, last: start + 499 * step };
        // Beyond so many days a time of two months later or a year earlier may be one of them.
        const seen = 3 * 499 * step < 59 * 86_400 ? strays : strays.filter((time) => time <= 1 || time > 5e9);
        const times = [...clean, ...seen, ...new Array<number>(zeros).fill(0), Number.NaN];
        expect(timeSpan(Float64Array.from(times))).toEqual({ ...span, strays: seen.length + zeros });
      },
    ),
  );
});

test("flows that are few but within reach of the others are in the span, as are counters that begin at 0", () => {
  const burst = Float64Array.from({ length: 1000 }, (_, i) => 1.4e9 + i);
  expect(timeSpan(Float64Array.of(...burst, 1.4e9 + 50_000))).toEqual({
    first: 1.4e9,
    last: 1.4e9 + 50_000,
    strays: 0,
  });
  expect(timeSpan(Float64Array.from({ length: 100 }, (_, i) => i))).toEqual({
    first: 0,
    last: 99,
    strays: 0,
  });
  expect(timeSpan(Float64Array.of(1.4e9, 1.4e9 + 9e6))).toEqual({
    first: 1.4e9,
    last: 1.4e9 + 9e6,
    strays: 0,
  });
  expect(timeSpan(Float64Array.of(Number.NaN))).toBeUndefined();
});
