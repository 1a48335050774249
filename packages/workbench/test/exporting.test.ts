import { Verdict } from "@oddflow/detector";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exportName } from "../src/exporting/export-name.ts";
import { exportTable } from "../src/exporting/export-table.ts";
import { cellValue, type FlowColumns, readTable } from "../src/reading/index.ts";

import type { JudgedFlows } from "../src/scoring/judged-flows.ts";

const value = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "é", " ", "1") }),
  fc.boolean(),
  fc.constant(null),
);
const records = fc.array(fc.record({ a: value, "b,c": value }), { minLength: 1, maxLength: 12 });

const rowsOf = ({ rows, columns }: FlowColumns): Record<string, unknown>[] =>
  Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(columns.map((column) => [column.name, cellValue(column, row)])),
  );

const scoredTable = async (list: readonly object[]): Promise<JudgedFlows> => ({
  table: await readTable(
    new Blob([list.map((record) => `${JSON.stringify(record)}\n`).join("")]),
    "f.ndjson",
    () => undefined,
  ),
  times: undefined,
  scores: Float32Array.from(list, (_, row) => row / 10),
  verdict: new Verdict(0.25),
  rarity: (score) => 1 - score / 2,
  topColumns: (row) => (row % 2 === 0 ? ["a", "b,c"] : []),
});

/** What a file of the table holds, read again. */
const again = async (scored: JudgedFlows, format: "csv" | "ndjson" | "parquet", rows?: Uint32Array) => {
  const blob = await exportTable(scored, { format, ...(rows ? { rows } : {}) }, async () => undefined);
  return rowsOf(await readTable(blob, `f.${format}`, () => undefined));
};

describe("a scored table that is written and read again is the same", () => {
  test("JSON lines", async () => {
    await fc.assert(
      fc.asyncProperty(records, async (list) => {
        const scored = await scoredTable(list);
        const found = await again(scored, "ndjson");
        expect(found.map((row) => ({ a: row["a"], "b,c": row["b,c"] }))).toEqual(
          list.map((record) => ({
            a: record.a === 0 ? 0 : record.a,
            "b,c": record["b,c"] === 0 ? 0 : record["b,c"],
          })),
        );
        found.forEach((row, i) => {
          expect(Math.fround(Number(row["score"]))).toBe(scored.scores[i]);
          expect(row["is_anomaly"]).toBe((scored.scores[i] ?? 0) >= 0.25);
          expect(row["top_columns"]).toEqual(i % 2 === 0 ? ["a", "b,c"] : []);
        });
      }),
      { numRuns: 40 },
    );
  });

  test("CSV", async () => {
    // A cell of nothing but digits, or of "t", would be read as a number or a truth value.
    const text = fc.string({ unit: "grapheme" }).map((end) => `x${end}`);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ a: text, "b,c": text }), { minLength: 1 }), async (list) => {
        const found = await again(await scoredTable(list), "csv");
        expect(found.map((row) => ({ a: row["a"], "b,c": row["b,c"] }))).toEqual(list);
      }),
      { numRuns: 40 },
    );
  });

  test("and so is the header of CSV, where names stand twice or have space around them", async () => {
    const text = " Source IP,Fwd Header Length,fwd header length,\nx,1,2,3\n";
    const table = await readTable(new Blob([text]), "f.csv", () => undefined);
    const scored = { ...(await scoredTable([{ a: 1 }])), table };
    const blob = await exportTable(scored, { format: "csv" }, async () => undefined);
    const lines = (await blob.text()).split("\n");
    expect(lines[0]).toBe(
      " Source IP,Fwd Header Length,fwd header length,,score,is_anomaly,probability,top_columns",
    );
    const names = table.columns.map(({ name }) => name);
    expect(names).toEqual(["Source IP", "Fwd Header Length", "fwd header length_1", "column3"]);
  });

  test("Parquet, with columns of every kind", async () => {
    const list = [
      { whole: 1, part: 0.5, flag: true, text: "x", mixed: 1, big: 2 ** 40, list: [1, "a"] },
      { whole: null, part: 2, flag: null, text: null, mixed: "y", big: 3, list: null },
    ];
    const found = await again(await scoredTable(list), "parquet");
    expect(found.map(({ score, is_anomaly, probability, ...rest }) => rest)).toEqual([
      {
        whole: 1,
        part: 0.5,
        flag: true,
        text: "x",
        mixed: "1",
        big: 2 ** 40,
        list: '[1,"a"]',
        top_columns: "a, b,c",
      },
      { whole: null, part: 2, flag: null, text: null, mixed: "y", big: 3, list: null, top_columns: "" },
    ]);
    expect(found.map((row) => row["is_anomaly"])).toEqual([false, false]);
  });

  test("some rows, in the order that is asked for", async () => {
    const scored = await scoredTable([{ a: 0 }, { a: 1 }, { a: 2 }, { a: 3 }]);
    for (const format of ["csv", "ndjson", "parquet"] as const) {
      const found = await again(scored, format, Uint32Array.of(1, 3));
      expect(found.map((row) => row["a"])).toEqual([1, 3]);
      expect(found.map((row) => row["is_anomaly"])).toEqual([false, true]);
    }
  });
});

test("a table of many pieces comes out whole, and others get their turn meanwhile", async () => {
  const list = Array.from({ length: 9000 }, (_, row) => ({
    a: row,
    // Most are unlike all others, some are long in UTF-8.
    "b,c": row % 3 === 0 ? null : `x${row}${["", "é", "€", "😀"][row % 4]}`,
  }));
  const scored = await scoredTable(list);
  // After some rows of text, and after each group of Parquet's.
  for (const [format, least] of [
    ["csv", 70],
    ["ndjson", 70],
    ["parquet", 3],
  ] as const) {
    let rests = 0;
    const blob = await exportTable(scored, { format }, async () => {
      rests++;
    });
    const found = rowsOf(await readTable(blob, `f.${format}`, () => undefined));
    expect(found.map((row) => ({ a: row["a"], "b,c": row["b,c"] }))).toEqual(list);
    expect(found.map((row) => Math.fround(Number(row["score"])))).toEqual([...scored.scores]);
    expect(rests).toBeGreaterThanOrEqual(least);
  }
});

test("an export is named after its table", () => {
  expect(exportName("conn.log", "csv")).toBe("conn.scored.csv");
  expect(exportName("flows.csv.gz", "parquet")).toBe("flows.scored.parquet");
  expect(exportName("flows", "ndjson")).toBe("flows.scored.ndjson");
});
