import fc from "fast-check";
import { expect, test } from "vitest";
import { ColumnBuilder, flowColumn } from "../src/reading/column-builder.ts";
import { cellValue } from "../src/reading/index.ts";

/** Longer and shorter than what is held as it came. */
const run = fc.record({
  count: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 60_000, max: 140_000 })),
  value: fc.oneof(
    fc.integer(),
    fc.integer({ min: -200, max: 40_000 }),
    fc.double(),
    fc.constantFrom(-0, "a", "a text of more than twelve letters", true, null, 2n ** 60n),
  ),
});

test("a column holds what was appended, over many chunks, in an array no wider than its widest number needs", () => {
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 6 }), (runs) => {
      const builder = new ColumnBuilder("a");
      for (const { count, value } of runs) for (let i = 0; i < count; i++) builder.append(value);
      const column = flowColumn(builder.finish(), "other");
      expect(column.rows).toBe(runs.reduce((sum, { count }) => sum + count, 0));
      let first = 0;
      for (const { count, value } of runs) {
        for (const row of [first, first + (count >> 1), first + count - 1]) {
          expect(cellValue(column, row)).toBe(value);
        }
        first += count;
      }
      const numbers = runs.map(({ value }) => value).filter((value) => typeof value === "number");
      const areSmall = numbers.every(
        (value) => Number.isInteger(value) && !Object.is(value, -0) && Math.abs(value) < 128,
      );
      expect(column.numbers === undefined).toBe(numbers.length === 0);
      expect(column.numbers instanceof Int8Array).toBe(numbers.length > 0 && areSmall);
      expect(column.codes === undefined).toBe(numbers.length === runs.length);
    }),
    { numRuns: 30 },
  );
});
