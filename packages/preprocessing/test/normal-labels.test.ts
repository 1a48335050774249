import { examplePattern, isNormalName, normalLabels } from "@oddflow/preprocessing";
import fc from "fast-check";
import { expect, test } from "vitest";

const label = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 12 }).map((text) => text.trim());
const plain = label.filter((text) => text !== "" && !/[*?]/.test(text));

test("a label is its own pattern, whatever stands in it, and no other label is of that pattern", () => {
  fc.assert(
    fc.property(plain, plain, (own, other) => {
      const isNormal = normalLabels([own]);
      expect([isNormal(own), isNormal(` ${own.toUpperCase()} `)]).toEqual([true, true]);
      expect(isNormal(other)).toBe(own.toUpperCase() === other.toUpperCase());
    }),
  );
});

test("a star stands for any letters, a question mark for one; several patterns name what one of them does", () => {
  fc.assert(
    fc.property(plain, plain, plain, (a, b, c) => {
      expect(normalLabels([`${a}*`])(a + b)).toBe(true);
      expect(normalLabels([`${a}*${c}`])(a + b + c)).toBe(true);
      expect(normalLabels([`${a}?${c}`])(`${a}x${c}`)).toBe(true);
      expect(normalLabels([`${a}?${c}`])(a + c)).toBe(a.length + c.length + 1 === (a + c).length);
      expect(normalLabels([a, b])(b)).toBe(true);
    }),
  );
});

test("without patterns the usual words tell", () => {
  fc.assert(
    fc.property(fc.oneof(label, fc.constantFrom("normal", "BENIGN", "0")), (text) => {
      expect(normalLabels([])(text)).toBe(isNormalName(text));
    }),
  );
});

test("an example names a label that is among those found, one that looks normal where there is one", () => {
  fc.assert(
    fc.property(fc.array(plain, { minLength: 1 }), (labels) => {
      expect(labels.some(normalLabels([examplePattern(labels) ?? ""]))).toBe(true);
    }),
  );
  expect(examplePattern(["bot", "flow=From-Normal-V42-Jist"])).toBe("flow=From-Normal*");
  expect(examplePattern(["bot", "Benign/benign"])).toBe("Benign*");
  expect(examplePattern([])).toBeUndefined();
});
