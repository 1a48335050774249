import { checkRange, isInRange, limitsText, type OptionRange, rangeText } from "@oddflow/preprocessing";
import { describe, expect, test } from "vitest";

const cases: [OptionRange, string, string, readonly number[], readonly number[]][] = [
  [{ from: 1, to: 5, whole: true }, "1 to 5", "a whole number from 1 to 5", [1, 5], [0, 6, 1.5]],
  [{ from: 2, whole: true }, "2 or more", "a whole number of 2 or more", [2, 1e9], [1, Infinity, NaN]],
  [{ from: 0, to: 0.2 }, "0 to 0.2", "a number from 0 to 0.2", [0, 0.2], [-1e-9, 0.21, NaN]],
  [{ from: 0, below: 1 }, "0 to below 1", "a number from 0 to below 1", [0, 0.999], [-0.1, 1]],
  [{ above: 0, to: 0.5 }, "above 0, up to 0.5", "a number above 0, up to 0.5", [1e-9, 0.5], [0, 0.51]],
  [{ above: 0 }, "above 0", "a number above 0", [1e-9, Infinity], [0, -1, NaN]],
  [{ whole: true }, "", "a whole number", [-3, 0], [0.5, NaN, -Infinity]],
  [{ to: 3 }, "up to 3", "a number up to 3", [3, -9], [4]],
];

describe("a range of an option", () => {
  test.each(cases)("%o is said and kept", (range, limits, text, inside, outside) => {
    expect([limitsText(range), rangeText(range)]).toEqual([limits, text]);
    for (const value of inside) {
      expect([value, isInRange(value, range)]).toEqual([value, true]);
      expect(() => checkRange("train: epochs", value, range)).not.toThrow();
    }
    for (const value of outside) {
      expect([value, isInRange(value, range)]).toEqual([value, false]);
      expect(() => checkRange("train: epochs", value, range)).toThrow(
        expect.objectContaining({
          code: "OPTION_RANGE",
          message: `train: epochs is ${value}; expected ${text}`,
        }),
      );
    }
  });
});
