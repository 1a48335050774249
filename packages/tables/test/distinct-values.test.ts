import { createRecordEncoder } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openTable } from "../src/index.ts";
import { collect, makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();

describe("countDistinct", () => {
  test.each(["parquet", "csv", "ndjson"])("counts up to the cap in .%s files", async (extension) => {
    const path = await folder.copy(
      `SELECT range AS many, range % 20 AS twenty, 'v' || range % 256 AS below, 'v' || range % 257 AS at,
       range % 300 AS above, CASE WHEN range % 2 = 0 THEN 'x' END AS one, 1.5 AS same FROM range(60000)`,
      `distinct.${extension}`,
    );
    const table = await openTable(path);
    const names = ["many", "twenty", "below", "at", "above", "one", "same"];
    expect(await table.countDistinct(names, 257)).toEqual([257, 20, 256, 257, 257, 1, 1]);
    expect(await table.countDistinct([], 257)).toEqual([]);
    await expect(table.countDistinct(["Many"], 257)).rejects.toMatchObject({ code: "COLUMNS_MISSING" });
    table.close();
  });

  test("counts no nulls", async () => {
    const table = await openTable(await folder.copy("SELECT NULL::INTEGER AS a, 1 AS b", "nulls.parquet"));
    expect(await table.countDistinct(["a", "b"], 10)).toEqual([0, 1]);
    table.close();
  });
});

describe("distinctValues", () => {
  const valuesOf = async (
    column: string,
    valueType: "text" | "number",
    limit = 100,
  ): Promise<readonly string[]> => {
    const path = await folder.copy(`SELECT unnest(${column}) AS v`, "values.parquet");
    const table = await openTable(path);
    const values = await table.distinctValues("v", valueType, limit);
    table.close();
    return values;
  };

  test("sorts text by code unit and leaves blanks out", async () => {
    expect(await valuesOf("['b', 'B', 'a', '😀', '\uffee', '', NULL, 'a']", "text")).toEqual([
      "B",
      "a",
      "b",
      "😀",
      "\uffee",
    ]);
  });

  test("sorts numbers by value, in JavaScript's form", async () => {
    expect(await valuesOf("[10, 9, -1, NULL, 9]::BIGINT[]", "number")).toEqual(["-1", "9", "10"]);
    expect(await valuesOf("[1e21, 0.5, -0.0, 0.0, 1e-7, 'nan', 'inf', 100]::DOUBLE[]", "number")).toEqual([
      "0",
      "1e-7",
      "0.5",
      "100",
      "1e+21",
    ]);
    expect(await valuesOf("['1', '1.0', ' 1 ', '-', 'tcp', 'inf', '02']", "number")).toEqual(["1", "2"]);
    expect(await valuesOf("[true, false]", "number")).toEqual(["0", "1"]);
  });

  test("keeps the most frequent where there are too many", async () => {
    expect(await valuesOf("['a', 'b', 'b', 'c', 'c', 'c', 'd', 'd']", "text", 2)).toEqual(["b", "c"]);
    expect(await valuesOf("[5, 5, 1, 3, 3, 3]", "number", 2)).toEqual(["3", "5"]);
  });

  test("gives a vocabulary that knows every value of its column", async () => {
    const value = fc.oneof(
      fc.double({ noDefaultInfinity: true, noNaN: true }),
      fc.integer({ min: -2, max: 3 }),
      fc.boolean(),
      fc.string({ unit: "grapheme", maxLength: 3 }),
      fc.constantFrom("1", "1.0", "-", "", "tcp"),
    );
    const column = fc.oneof(
      fc.array(value, { minLength: 1, maxLength: 10 }),
      fc.array(fc.double({ noDefaultInfinity: true, noNaN: true }), { minLength: 1, maxLength: 40 }),
      fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 60 }),
    );
    await fc.assert(
      fc.asyncProperty(column, async (values) => {
        const path = folder.write(
          "known.ndjson",
          `${values.map((v) => JSON.stringify({ v, k: 1 })).join("\n")}\n`,
        );
        const table = await openTable(path);
        const vocabulary = await table.distinctValues("v", "text", 100);
        const coding = { kind: "category", name: "v", valueType: "text", vocabulary } as const;
        const [codes] = await collect(table.scan([coding]));
        table.close();
        const parsed = values.map((v) => JSON.parse(JSON.stringify({ v })) as Record<string, unknown>);
        const { flows, report } = createRecordEncoder([coding]).encode(parsed);
        expect(codes).toEqual(flows);
        expect(report.unseen.size).toBe(0);
        expect(vocabulary).toEqual([...vocabulary].sort());
      }),
      { numRuns: 40 },
    );
  });
});
