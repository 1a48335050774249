import { leftOutText } from "@oddflow/flow-sources";
import { expect, test } from "vitest";

test("what was left out is said in the number that it has, and summed up past five kinds", () => {
  const kind = (name: string, count: number) => [`records with the event_type ${name}`, count] as const;
  const text = (...kinds: readonly (readonly [string, number])[]): string => leftOutText(kinds, String);
  expect(text(kind("dns", 1), kind("records", 2))).toBe(
    "1 record with the event_type dns, 2 records with the event_type records",
  );
  expect(
    text(["header lines that stand again", 1], ["lines of a summary", 1], ["last lines without an end", 1]),
  ).toBe("1 header line that stands again, 1 line of a summary, 1 last line without an end");
  expect(text(["header lines that stand again", 3])).toBe("3 header lines that stand again");
  const five = ["a", "b", "c", "d", "e"].map((name) => kind(name, 2));
  expect(text(...five)).not.toContain("other");
  expect(text(...five, kind("f", 7))).toMatch(/event_type e, 7 of 1 other kind$/);
  expect(text(...five, kind("f", 7), kind("g", 1))).toMatch(/event_type e, 8 of 2 other kinds$/);
});
