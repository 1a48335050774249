import { formatLeaks, labelLeaks, ownRocAucs, separationRows } from "@oddflow/evaluation";
import type { ColumnCoding } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const ROWS = 2000;
/** A fifth are attacks, in the order that a table may have. */
const isAttack = Uint8Array.from({ length: ROWS }, (_, row) => (row % 5 === 4 ? 1 : 0));
const hash = (row: number, salt: number): number => {
  const mixed = Math.imul(row + 1, 0x85eb_ca6b) ^ Math.imul(salt + 1, 0xc2b2_ae35);
  const once = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b_3c6d);
  return ((once ^ (once >>> 12)) >>> 0) / 2 ** 32;
};

function areaOf(kind: ColumnCoding["kind"], valueAt: (row: number) => number): number {
  const column: ColumnCoding =
    kind === "number"
      ? { kind, name: "c" }
      : { kind, name: "c", valueType: "text", vocabulary: Array.from({ length: ROWS }, (_, i) => `v${i}`) };
  const flows = Float32Array.from({ length: ROWS }, (_, row) => valueAt(row));
  return ownRocAucs({ columns: [column], flows }, isAttack)[0]?.rocAuc ?? 0;
}

describe("a column's own ROC-AUC", () => {
  test("is that of its ranks, in the direction that tells more", () => {
    const rising = (row: number): number => hash(row, 1) + (isAttack[row] ? 0.9 : 0);
    const area = areaOf("number", rising);
    expect(area).toBeCloseTo(1 - 0.1 ** 2 / 2, 2);
    expect(areaOf("number", (row) => -rising(row))).toBeCloseTo(area, 6);
    expect(areaOf("number", (row) => hash(row, 2))).toBeLessThan(0.6);
  });

  test("finds numbers that tell by single values, by what is missing, and by infinities", () => {
    for (const valueAt of [
      (row: number) => (isAttack[row] ? 62 : (row & 1) * 223 + 31),
      (row: number) => (isAttack[row] ? Number.NaN : hash(row, 3)),
      (row: number) => (isAttack[row] ? hash(row, 3) : Number.NaN),
      (row: number) => (isAttack[row] ? Number.POSITIVE_INFINITY : hash(row, 3)),
    ]) {
      expect(areaOf("number", valueAt)).toBeGreaterThan(0.999);
    }
  });

  test("of a category is that of its values' shares of attacks, missing among them", () => {
    expect(areaOf("category", (row) => (isAttack[row] ? 5 + (row % 7) : row % 3))).toBeGreaterThan(0.99);
    expect(areaOf("category", (row) => (isAttack[row] ? Number.NaN : row % 3))).toBe(1);
    // Nine of ten attacks have a value of their own, and no other flow does: an area of 0.95 at most.
    expect(areaOf("category", (row) => (isAttack[row] && hash(row, 4) < 0.9 ? 1 : 0))).toBeLessThanOrEqual(
      0.96,
    );
  });

  test("is not what many values come to that are seen once or twice, in any table", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: ROWS }), fc.integer(), (values, salt) => {
        const category = areaOf("category", (row) => Math.floor(hash(row, salt) * values));
        expect(category).toBeLessThan(0.65);
      }),
      { numRuns: 30 },
    );
    expect(areaOf("category", (row) => row)).toBeLessThan(0.6);
  });

  test("leaks are named from the one that tells most, above 0.95; counts of the context are none", () => {
    const found = labelLeaks([
      { column: "a", rocAuc: 0.95 },
      { column: "b", rocAuc: 0.96 },
      { column: "c", rocAuc: 1 },
      { column: "context.source.60s.peers", rocAuc: 1 },
    ]);
    expect(found.map(({ column }) => column)).toEqual(["c", "b"]);
    expect(formatLeaks(found, "Beware.").split("\n")).toEqual([
      "Columns that tell the labels by themselves (ROC-AUC above 0.95 of the column alone)",
      "  c  1.0000",
      "  b  0.9600",
      "Beware.",
    ]);
    expect(formatLeaks([], "Beware.")).toBe("");
  });
});

describe("the flows that it is told from", () => {
  test("are all of a small table's, and none where a class is too small", () => {
    expect([...separationRows(isAttack)]).toEqual(Array.from({ length: ROWS }, (_, row) => row));
    expect(separationRows(isAttack.subarray(0, 50))).toHaveLength(0);
    expect(separationRows(new Uint8Array(500))).toHaveLength(0);
  });

  test("are as many of either class, from everywhere, in a large one", () => {
    const large = Uint8Array.from({ length: 300_000 }, (_, row) => (row % 3 === 0 ? 1 : 0));
    const rows = separationRows(large);
    expect(rows).toHaveLength(40_000);
    expect(rows.filter((row) => large[row] === 1)).toHaveLength(20_000);
    expect(rows.filter((row) => row < 150_000).length).toBeCloseTo(20_000, -1);
    expect(rows.every((row, place) => place === 0 || row > (rows[place - 1] ?? 0))).toBe(true);
  });
});
