import { findTimeColumn, timeUnitsPerSecond } from "@oddflow/preprocessing";
import { expect, test } from "vitest";

test("the column of times is found by its name, else by its type", () => {
  const number = (name: string) => ({ name, type: "number" }) as const;
  expect(findTimeColumn([number("dur"), { name: "seen", type: "time" }, number("Ts"), number("stime")])).toBe(
    "stime",
  );
  expect(
    findTimeColumn([
      { name: "time", type: "text" },
      { name: "seen", type: "time" },
    ]),
  ).toBe("seen");
  expect(findTimeColumn([number("dur")])).toBeUndefined();
});

test("the unit of a number since 1970 is told by its size", () => {
  const seconds = Date.UTC(2015, 0, 22) / 1000;
  for (const units of [1, 1e3, 1e6, 1e9]) expect(timeUnitsPerSecond(seconds * units)).toBe(units);
});
