import { readFileSync, rmSync, writeFileSync } from "node:fs";
import type { ColumnCoding } from "@oddflow/preprocessing";
import { describe, expect, test } from "vitest";
import { openTable } from "../src/index.ts";
import { collect, makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();
const number = (name: string): ColumnCoding => ({ kind: "number", name });

/** A table of `rows` rows in four files of many row groups; `place` counts the rows. */
async function manyRows(extension: string, rows: number): Promise<string> {
  const part = rows / 4;
  for (let file = 0; file < 4; file++) {
    await folder.copy(
      `SELECT range + ${file * part} AS place, 'value ' || ((range + ${file * part}) % 300) AS word,
       repeat('x', (range % 60)::INT) AS ballast FROM range(${part})`,
      `many-${file}.${extension}`,
      extension === "parquet" ? "FORMAT parquet, ROW_GROUP_SIZE 4096" : undefined,
    );
  }
  return folder.at(`many-?.${extension}`);
}

describe("a scan", () => {
  test.each(["parquet", "csv", "ndjson"])("gives the rows of .%s files in their order", async (extension) => {
    const rows = 400_000;
    const table = await openTable(await manyRows(extension, rows));
    const word: ColumnCoding = {
      kind: "category",
      name: "word",
      valueType: "text",
      vocabulary: Array.from({ length: 299 }, (_, index) => `value ${index}`),
    };
    const [place, code] = await collect(table.scan([number("place"), word]));
    table.close();
    expect([place?.length, code?.length]).toEqual([rows, rows]);
    expect(place?.findIndex((value, row) => value !== row)).toBe(-1);
    expect(code?.findIndex((value, row) => value !== row % 300)).toBe(-1);
  });

  test("gives the columns in the order of the codings, a column twice where it is named twice", async () => {
    const path = await folder.copy("SELECT 1 AS a, 2 AS b", "order.parquet");
    const table = await openTable(path);
    const columns = await collect(table.scan(["b", "a", "b"].map(number)));
    table.close();
    expect(columns.map((column) => column[0])).toEqual([2, 1, 2]);
  });

  test("reads columns and values that are not tame SQL", async () => {
    const name = `a"b'; DROP TABLE x --`;
    const path = folder.write("wild.ndjson", `${JSON.stringify({ [name]: 'it\'s \\ "so"' })}\n`);
    const table = await openTable(path);
    const vocabulary = ["other", 'it\'s \\ "so"'];
    const long = [...Array.from({ length: 50 }, (_, index) => `'${index}"`), ...vocabulary];
    const columns = await collect(
      table.scan([
        { kind: "category", name, valueType: "text", vocabulary },
        { kind: "category", name, valueType: "text", vocabulary: long },
      ]),
    );
    table.close();
    expect(columns.map((column) => column[0])).toEqual([1, 51]);
  });

  test("gives batches that stay as they are when the next one comes", async () => {
    const table = await openTable(await manyRows("parquet", 40_000));
    const firsts: number[] = [];
    const kept: Float32Array[] = [];
    for await (const { rows, columns } of table.scan([number("place")])) {
      const [column] = columns;
      expect(column?.length).toBe(rows);
      if (column === undefined) continue;
      firsts.push(column[0] ?? Number.NaN);
      kept.push(column);
    }
    table.close();
    expect(kept.length).toBeGreaterThan(4);
    expect(kept.map((column) => column[0])).toEqual(firsts);
  });

  test("runs beside another one of the same table, and again after one that was left early", async () => {
    const table = await openTable(await manyRows("parquet", 40_000));
    for await (const batch of table.scan([number("place")])) {
      expect(batch.columns[0]?.[0]).toBe(0);
      break;
    }
    const both = await Promise.all([
      collect(table.scan([number("place")])),
      collect(table.scan([number("place")])),
    ]);
    table.close();
    expect(both[0]?.[0]?.length).toBe(40_000);
    expect(both[1]).toEqual(both[0]);
  });

  test("ends with the signal's reason, before it starts and in the middle", async () => {
    const table = await openTable(await manyRows("parquet", 400_000));
    await expect(
      collect(table.scan([number("place")], { signal: AbortSignal.abort("enough") })),
    ).rejects.toBe("enough");
    const controller = new AbortController();
    let batches = 0;
    const scan = async (): Promise<void> => {
      for await (const _ of table.scan([number("place")], { signal: controller.signal })) {
        if (++batches === 3) controller.abort("stop");
      }
    };
    await expect(scan()).rejects.toBe("stop");
    expect(batches).toBe(3);
    table.close();
  });
});

describe("damage that shows while a scan is under way", () => {
  test("in a row group of a Parquet file is an error, not a shorter table", async () => {
    const good = await folder.copy(
      "SELECT range AS a FROM range(100000)",
      "good.parquet",
      "ROW_GROUP_SIZE 10000",
    );
    const bad = folder.at("bad.parquet");
    const [[offset] = []] = await folder.sql(
      `SELECT data_page_offset FROM parquet_metadata('${good}') WHERE row_group_id = 5`,
    );
    const bytes = readFileSync(good);
    // The page's header is looked at when the table is opened.
    bytes.fill(0xff, Number(offset) + 200, Number(offset) + 2200);
    writeFileSync(bad, bytes);

    for (const paths of [[bad], [good, bad]]) {
      const table = await openTable(paths);
      await expect(collect(table.scan([number("a")]))).rejects.toMatchObject({
        code: "TABLE_UNREADABLE",
        message: expect.stringMatching(/^read table: .*bad\.parquet .*damaged[^\n]*$/),
      });
      table.close();
    }
  });

  test("a file that became shorter is one too", async () => {
    const path = folder.write("shrinks.csv", `a,b\n${"1,2\n".repeat(5000)}`);
    const table = await openTable(path);
    writeFileSync(path, `a,b\n${"1,2\n".repeat(50)}`);
    await expect(collect(table.scan([number("a")]))).rejects.toMatchObject({
      code: "TABLE_UNREADABLE",
      message: expect.stringMatching(/shrinks\.csv was changed/),
    });
    table.close();
  });

  test("a file that is gone is one too", async () => {
    const path = await folder.copy("SELECT 1 AS a", "gone.parquet");
    const table = await openTable(path);
    rmSync(path);
    await expect(collect(table.scan([number("a")]))).rejects.toMatchObject({
      code: "TABLE_UNREADABLE",
      message: expect.stringContaining("gone.parquet"),
    });
    table.close();
  });
});
