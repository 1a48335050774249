import { FlowCounter, type FlowProfile, profileFlows } from "@oddflow/detector";
import type { ColumnCoding } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const number: ColumnCoding = { kind: "number", name: "n" };
const category: ColumnCoding = {
  kind: "category",
  name: "c",
  valueType: "text",
  vocabulary: ["a", "b", "c"],
};
const columns = [number, category];

/** Numbers of all sorts, missing ones and infinities among them, with many that occur more than once. */
const values = fc.oneof(
  fc.float({ noDefaultInfinity: false }),
  fc.integer({ min: -3, max: 3 }).map(Math.fround),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -0),
);
const codes = fc.constantFrom(0, 1, 2, 3, Number.NaN);
const tables = fc
  .array(fc.tuple(values, codes), { minLength: 1, maxLength: 200 })
  .map((rows) => Float32Array.from(rows.flat()));

const counted = (bins: FlowProfile, flows: Float32Array): FlowProfile => {
  const counter = new FlowCounter(bins);
  counter.add(flows);
  return counter.profile;
};

describe("a profile", () => {
  test("counts every flow once in every column, the missing and infinite ones as missing", () => {
    fc.assert(
      fc.property(tables, (flows) => {
        const profile = profileFlows(columns, flows);
        const rows = flows.length / 2;
        expect(profile.flows).toBe(rows);
        profile.columns.forEach(({ counts, missing }, k) => {
          const own = flows.filter((_, i) => i % 2 === k);
          expect(missing).toBe(own.filter((value) => !Number.isFinite(value)).length);
          expect(counts.reduce((sum, count) => sum + count, missing)).toBe(rows);
        });
      }),
    );
  });

  test("puts each number where its float32 belongs, also after it was written as text", () => {
    fc.assert(
      fc.property(tables, (flows) => {
        const profile: FlowProfile = JSON.parse(JSON.stringify(profileFlows(columns, flows)));
        const column = profile.columns[0];
        const cuts = (column?.cuts ?? []).map(Math.fround);
        const finite = [...flows].filter((value, i) => i % 2 === 0 && Number.isFinite(value));
        const wanted = new Array<number>(cuts.length + 1).fill(0);
        for (const value of finite) {
          const bin = column?.bins === "values" ? cuts.indexOf(value) : cuts.findIndex((cut) => value <= cut);
          const place = bin < 0 ? cuts.length : bin;
          wanted[place] = (wanted[place] ?? 0) + 1;
        }
        expect(counted(profile, flows).columns[0]?.counts).toEqual(wanted);
        expect(counted(profile, flows)).toEqual(profile);
      }),
    );
  });

  test("counts batch by batch what it counts at once", () => {
    fc.assert(
      fc.property(tables, tables, fc.nat(), (flows, later, at) => {
        const bins = profileFlows(columns, flows);
        const cut = 2 * (at % (later.length / 2 + 1));
        const counter = new FlowCounter(bins);
        counter.add(later.subarray(0, cut));
        counter.add(later.subarray(cut));
        expect(counter.profile).toEqual(counted(bins, later));
      }),
    );
  });

  test("gives few distinct values a bin each and sees a new one between them", () => {
    const flows = Float32Array.of(31, 31, 62, 254);
    const profile = profileFlows([number], flows);
    expect(profile.columns[0]).toEqual({
      name: "n",
      bins: "values",
      cuts: [31, 62, 254],
      counts: [2, 1, 1, 0],
      missing: 0,
    });
    expect(counted(profile, Float32Array.of(60, 300, 31, Number.NaN)).columns[0]).toMatchObject({
      counts: [1, 0, 0, 2],
      missing: 1,
    });
  });

  test("cuts many distinct values into twenty like parts, in short numbers", () => {
    const flows = Float32Array.from({ length: 2000 }, (_, i) => i / 10);
    const profile = profileFlows([number], flows);
    expect(profile.columns[0]?.bins).toBe("ranges");
    expect(profile.columns[0]?.counts).toEqual(new Array(20).fill(100));
    expect(profile.columns[0]?.cuts.slice(0, 2)).toEqual([9.9, 19.9]);
  });

  test("counts a category by its codes and what the vocabulary lacks apart", () => {
    const profile = profileFlows([category], Float32Array.of(0, 0, 2, 3, Number.NaN));
    expect(profile.columns[0]).toMatchObject({ bins: "codes", counts: [2, 0, 1, 1], missing: 1 });
  });

  test("needs flows, and whole ones", () => {
    expect(() => profileFlows(columns, new Float32Array(0))).toThrow(/there are none/);
    expect(() => profileFlows(columns, new Float32Array(3))).toThrow(/multiple of 2/);
    const counter = new FlowCounter(profileFlows(columns, new Float32Array(2)));
    expect(() => counter.add(new Float32Array(3))).toThrow(/multiple of 2/);
  });
});
