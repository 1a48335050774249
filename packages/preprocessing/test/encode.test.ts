import { type ColumnCoding, createRecordEncoder, numberOfText, OddflowError } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const number: ColumnCoding = { kind: "number", name: "n" };
const service: ColumnCoding = { kind: "category", name: "s", valueType: "text", vocabulary: ["dns", "http"] };
const flag: ColumnCoding = {
  kind: "category",
  name: "f",
  valueType: "number",
  vocabulary: ["-1", "0", "2.5"],
};

const one = (column: ColumnCoding, value: unknown): number | undefined =>
  createRecordEncoder([column]).encode([{ [column.name]: value }]).flows[0];

describe("a number column", () => {
  test("takes numbers, whole ones of any size, truth values and numbers that come as text", () => {
    expect(
      [1.5, 12345678901n, true, false, "7", " -2.5e3\t", "+.5", "5."].map((value) => one(number, value)),
    ).toEqual([1.5, Math.fround(12345678901), 1, 0, 7, -2500, 0.5, 5]);
  });

  test("has one meaning for all that is missing", () => {
    for (const value of [
      null,
      undefined,
      Number.NaN,
      "",
      "  ",
      "-",
      "?",
      "NaN",
      "null",
      "N/A",
      "(empty)",
      1e39,
      "1e39",
    ]) {
      expect([value, one(number, value)]).toEqual([value, Number.NaN]);
    }
    expect(createRecordEncoder([number]).encode([{}]).flows).toEqual(Float32Array.of(Number.NaN));
  });

  test("keeps an infinity, which the model takes as missing", () => {
    expect([Infinity, "-inf", "+Infinity"].map((value) => one(number, value))).toEqual([
      Infinity,
      -Infinity,
      Infinity,
    ]);
  });

  test("refuses anything else by record, column and value", () => {
    const encoder = createRecordEncoder([service, number]);
    for (const value of ["tcp", "0x10", "1_000", "1,5", "Infinit", {}, [1]]) {
      expect(() => encoder.encode([{ n: 1 }, { n: value }])).toThrow(
        expect.objectContaining({
          code: "VALUE_NOT_A_NUMBER",
          message: expect.stringMatching(/record 1, column "n"/),
        }),
      );
    }
  });

  test("rounds every finite number as float32 does, as a number or as text", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -3e38, max: 3e38 }), (value) => {
        expect(one(number, value)).toBe(Math.fround(value));
        // String(-0) is "0".
        expect(one(number, String(value))).toBe(Math.fround(value + 0));
      }),
    );
  });
});

describe("a category column", () => {
  test("gives known values their place in the vocabulary and all others the place after it", () => {
    expect(["dns", "http", "ftp", "DNS", " dns", 5].map((value) => one(service, value))).toEqual([
      0, 1, 2, 2, 2, 2,
    ]);
    expect([null, undefined, "", Number.NaN].map((value) => one(service, value))).toEqual(
      new Array(4).fill(Number.NaN),
    );
  });

  test("of numbers takes 1, 1.0 and their texts as one", () => {
    expect([0, "0", "0.0", -0, -1n, "2.50", 3, "x"].map((value) => one(flag, value))).toEqual([
      1, 1, 1, 1, 0, 2, 3, 3,
    ]);
    expect([null, "", "-"].map((value) => one(flag, value))).toEqual(new Array(3).fill(Number.NaN));
  });

  test("finds every value of its own vocabulary", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 })), (vocabulary) => {
        const column: ColumnCoding = { kind: "category", name: "c", valueType: "text", vocabulary };
        expect(vocabulary.map((value) => one(column, value))).toEqual(vocabulary.map((_, code) => code));
      }),
    );
  });
});

test("what every object inherits is no field of a record", () => {
  for (const name of ["toString", "constructor", "__proto__"]) {
    expect(createRecordEncoder([{ kind: "number", name }]).encode([{}]).flows).toEqual(
      Float32Array.of(Number.NaN),
    );
  }
});

describe("a batch of records", () => {
  const encoder = createRecordEncoder([number, service]);

  test("is row-major in the order of the columns, and tells what was unseen and missing", () => {
    const { flows, report } = encoder.encode([
      { s: "http", n: 1, other: "x" },
      { s: "gopher", n: null },
      { s: "ftp", n: Infinity },
    ]);
    expect(flows).toEqual(Float32Array.of(1, 1, Number.NaN, 2, Infinity, 2));
    expect(report).toEqual({ unseen: new Map([["s", 2]]), missing: 2 });
  });

  test("is written into a given buffer, which must be long enough", () => {
    const buffer = new Float32Array(6).fill(9);
    expect(encoder.encode([{ n: 3, s: "dns" }], buffer).flows).toBe(buffer);
    expect(buffer).toEqual(Float32Array.of(3, 0, 9, 9, 9, 9));
    expect(() => encoder.encode([{}, {}], new Float32Array(3))).toThrow(OddflowError);
    expect(encoder.encode([]).flows).toHaveLength(0);
  });

  test("is refused when a record is no object", () => {
    for (const record of [null, 5, "x", [1]]) {
      expect(() => encoder.encode([{}, record as never])).toThrow(
        expect.objectContaining({ code: "RECORD_INVALID", message: expect.stringContaining("record 1") }),
      );
    }
  });
});

test("plain numbers, which are told by their letters, are what the rules for all texts make of them", () => {
  const letters = fc.constantFrom(..."0123456789.-+e ");
  const texts = fc.oneof(
    fc.string({ unit: letters, maxLength: 12 }),
    fc.double().map(String),
    fc.integer().map(String),
  );
  fc.assert(
    fc.property(texts, (text) => {
      // With space before it, it is read by the rules.
      expect(numberOfText(text)).toEqual(numberOfText(` ${text}`));
    }),
  );
});
