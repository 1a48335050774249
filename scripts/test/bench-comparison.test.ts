import { describe, expect, it } from "vitest";
import {
  type ComparedRounds,
  compareResults,
  compareRounds,
  onlyInOne,
} from "../../bench/src/against/comparison.ts";
import { formatComparisons } from "../../bench/src/against/format-comparisons.ts";
import type { Measurement } from "../../bench/src/measurement.ts";

const rounds = (now: readonly number[], before: readonly number[]): ComparedRounds => ({
  name: "a case",
  flows: 100,
  unit: "flows/s",
  now,
  before,
});

describe("rounds of two builds in turns", () => {
  it.each([
    ["every round says slower", [2, 3, 2.2], [1, 1.5, 1], "slower"],
    ["every round says faster", [1, 1, 1], [2, 1.5, 3], "faster"],
    ["one round says otherwise", [2, 2, 0.9], [1, 1, 1], "as fast"],
    ["nobody would notice", [1.01, 1.02, 1.01], [1, 1, 1], "as fast"],
    ["two rounds only", [2, 2], [1, 1], "as fast"],
  ] as const)("%s", (_, now, before, verdict) => {
    expect(compareRounds(rounds(now, before)).verdict).toBe(verdict);
  });

  it("gives both builds' figures, and how many times as fast round by round", () => {
    expect(compareRounds(rounds([1, 2, 4], [2, 2, 2]))).toMatchObject({
      now: { median: 50, lowest: 25, highest: 100 },
      before: { median: 50, lowest: 50, highest: 50 },
      speed: { median: 1, lowest: 0.5, highest: 2 },
    });
    expect(compareRounds({ ...rounds([0.1], [0.2]), unit: "ms" })).toMatchObject({
      now: { median: 100 },
      before: { median: 200 },
      speed: { median: 2 },
    });
  });

  it("names what got slower", () => {
    const slower = compareRounds({ ...rounds([2, 2, 2], [1, 1, 1]), name: "the pipe" });
    const steady = compareRounds({ ...rounds([1, 1, 1], [1, 1, 1]), name: "the table" });
    expect(formatComparisons([slower, steady], "abc")).toMatch(/\nslower than with abc: the pipe\n$/);
    expect(formatComparisons([steady], "abc")).toMatch(
      /\nnothing is slower than with abc by more than the spread\n$/,
    );
  });
});

describe("two results files", () => {
  const measured = (
    name: string,
    unit: Measurement["unit"],
    [lowest, highest]: readonly [number, number],
  ): Measurement => {
    const value = { median: (lowest + highest) / 2, lowest, highest };
    return { section: "s", name, unit, value, samples: 3, flows: 1 };
  };
  const file = (...measurements: Measurement[]) => ({ measurements });

  it.each([
    ["flows/s that lie apart", "flows/s", [100, 110], [80, 90], "slower"],
    ["flows/s whose rounds overlap", "flows/s", [100, 110], [80, 101], "as fast"],
    ["more flows/s", "flows/s", [100, 110], [120, 130], "faster"],
    ["more milliseconds", "ms", [100, 110], [120, 130], "slower"],
    ["fewer milliseconds", "ms", [100, 110], [80, 90], "faster"],
  ] as const)("%s", (_, unit, before, now, verdict) => {
    const [comparison] = compareResults(file(measured("a", unit, before)), file(measured("a", unit, now)));
    expect(comparison).toMatchObject({ name: "s: a", verdict });
  });

  it("compares what both have, and says what one lacks", () => {
    const [one, other] = [file(measured("a", "ms", [1, 2])), file(measured("b", "ms", [1, 2]))];
    expect(compareResults(one, other)).toEqual([]);
    expect(onlyInOne(one, other)).toEqual(["s: a"]);
  });
});
