import type { ColumnCoding } from "@oddflow/preprocessing";
import { describe, expect, test } from "vitest";
import { checkColumns, openTable } from "../src/index.ts";
import { collect, makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();
const number = (name: string): ColumnCoding => ({ kind: "number", name });
const category = (name: string): ColumnCoding => ({
  kind: "category",
  name,
  valueType: "text",
  vocabulary: ["x"],
});

async function refusal(
  paths: string | readonly string[],
  codings: readonly ColumnCoding[],
): Promise<unknown> {
  const table = await openTable(paths);
  try {
    return await checkColumns(table, codings).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  } finally {
    table.close();
  }
}

describe("checkColumns", () => {
  test("names every column that is missing, and what comes near it", async () => {
    const path = folder.write("near.csv", "Dur,src_bytes,proto,x\n1,2,tcp,3\n");
    const codings = [
      number("dur"),
      number("srcBytes"),
      category("prato"),
      number("ct_srv_src"),
      number("x"),
      number("y"),
    ];
    expect(await refusal(path, codings)).toMatchObject({
      code: "COLUMNS_MISSING",
      message:
        `read table: ${path} lacks 5 columns: "dur" (it has "Dur"), "srcBytes" (it has "src_bytes"), ` +
        '"prato" (it has "proto"), "ct_srv_src", "y"; add or rename them',
    });
  });

  test("says of a table without most of them that it is for another model", async () => {
    const path = folder.write("others.csv", "a,b,dur\n1,2,3\n");
    expect(await refusal(path, ["dur", "sttl", "dttl", "sloss"].map(number))).toMatchObject({
      message: expect.stringMatching(
        /lacks 3 columns: .*; use a model of such flows \(`oddflow train` makes one\), or rename them$/,
      ),
    });
  });

  test("takes what the record encoder takes", async () => {
    const path = await folder.copy(
      `SELECT unnest(['1', ' 2.5 ', '-', '', NULL, 'NaN', '-inf', '1e400']) AS t, 1 AS n, true AS b, 2.5 AS d`,
      "fine.parquet",
    );
    expect(await refusal(path, [..."tnbd"].map(number))).toBeUndefined();
  });

  test("says which column holds text, how much of it, and where the first is", async () => {
    const path = await folder.copy(
      `SELECT CASE WHEN range % 1000 = 999 THEN 'tcp ' || range ELSE range::VARCHAR END AS t, 1 AS n FROM range(50000)`,
      "texts.parquet",
      "ROW_GROUP_SIZE 4096",
    );
    expect(await refusal(path, [number("n"), number("t")])).toMatchObject({
      code: "COLUMN_TYPE",
      message:
        `read table: column "t" of ${path} holds text where numbers are expected: 50 of 50,000 values are no numbers, ` +
        'the first is "tcp 999" in row 1,000; correct them, or leave the column out',
    });
  });

  test.each(["csv", "ndjson", "parquet"])(
    "counts rows within the file that holds the text (.%s)",
    async (extension) => {
      const parts = [
        await folder.copy("SELECT range::VARCHAR AS t FROM range(3000)", `t1.${extension}`),
        await folder.copy(
          "SELECT CASE range WHEN 1233 THEN 'dns' ELSE '5' END AS t FROM range(3000)",
          `t2.${extension}`,
        ),
      ];
      expect(await refusal(parts, [number("t")])).toMatchObject({
        code: "COLUMN_TYPE",
        message: expect.stringMatching(/t2\.\w+ holds text .*: 1 of 6,000 .*"dns" in row 1,234;/),
      });
    },
  );

  test("refuses nested values and times as numbers, and nested values as categories", async () => {
    const path = await folder.copy(
      "SELECT [1] AS list, DATE '2024-01-01' AS day, MAP {'a': 1} AS map",
      "nested.parquet",
    );
    for (const coding of [number("list"), number("day"), number("map"), category("map")]) {
      expect(await refusal(path, [coding])).toMatchObject({
        code: "COLUMN_TYPE",
        message: expect.stringContaining(`"${coding.name}"`),
      });
    }
    const mixed = folder.write("mixed.ndjson", '{"a":1}\n{"a":"tcp"}\n{"a":true}\n');
    expect(await refusal(mixed, [number("a")])).toMatchObject({
      code: "COLUMN_TYPE",
      message: expect.stringContaining('1 of 3 values are no numbers, the first is "tcp" in row 2;'),
    });
    const text = folder.write("nested.ndjson", '{"day":"2024-01-01","nested":{"a":1}}\n');
    expect(await refusal(text, [number("day")])).toMatchObject({ code: "COLUMN_TYPE" });
    const late = folder.write("late.ndjson", '{"nested":"x"}\n\n{"nested":[1]}\n');
    for (const coding of [number("nested"), category("nested")]) {
      expect(await refusal(late, [coding])).toMatchObject({
        code: "COLUMN_TYPE",
        message: expect.stringMatching(/"nested" holds a list or an object in line 3 of .*late\.ndjson/),
      });
    }
  });

  test("is done by a scan that nobody checked before", async () => {
    const table = await openTable(folder.write("unchecked.csv", "a\n1\nx\n"));
    await expect(collect(table.scan([number("a")]))).rejects.toMatchObject({ code: "COLUMN_TYPE" });
    await expect(collect(table.scan([number("b")]))).rejects.toMatchObject({ code: "COLUMNS_MISSING" });
    table.close();
  });
});
