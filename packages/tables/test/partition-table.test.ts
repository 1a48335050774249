import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { openTable, type PartitionFile, partitionTable } from "../src/index.ts";
import { makeTableFolder } from "./table-folder.ts";

/** A Python with pyarrow; `.ci/run` makes one. */
const PYTHON = process.env["ODDFLOW_PYTHON"];

const folder = await makeTableFolder();

/** A row's value is that of its number by their count. */
const VALUES = [
  "a b",
  "ä/ö",
  "%41",
  "x=y",
  "q'u\"",
  ".",
  "..",
  "😀",
  "two\nlines",
  "back\\slash",
  "1+1",
  "01",
  "*?[a]",
  "#&;:",
  "",
];
const ROWS = 3200;
let files: readonly PartitionFile[];

const siteOf = (n: number): string | null => VALUES[n % (VALUES.length + 1)] ?? null;

beforeAll(async () => {
  const values = VALUES.map((value) => `'${value.replaceAll("'", "''")}'`).join(", ");
  const table = await openTable(
    await folder.copy(
      `SELECT range AS n, [${values}][range % ${VALUES.length + 1} + 1] AS site, range % 3 = 0 AS odd FROM range(${ROWS})`,
      "flows.parquet",
      "FORMAT parquet, ROW_GROUP_SIZE 2048",
    ),
  );
  mkdirSync(folder.at("lake"));
  try {
    files = await partitionTable(table, {
      columns: ["site", "odd"],
      folder: folder.at("lake"),
      name: "part-7",
    });
  } finally {
    table.close();
  }
});

describe("a table in folders by its values", () => {
  test("has all rows in its files, in their order in each", async () => {
    expect(files.every(({ path }) => existsSync(folder.at(`lake/${path}`)))).toBe(true);
    expect(files.reduce((sum, { rows }) => sum + rows, 0)).toBe(ROWS);
    for (const { path, rows } of files) {
      expect(path).toMatch(/^site=[^/]*\/odd=(true|false)\/part-7-0\.parquet$/);
      const read = await folder.sql(
        `SELECT n FROM read_parquet('${folder.at("lake/").replaceAll("'", "''")}' || $$${path}$$, hive_partitioning = false)`.replace(
          "*",
          "[*]",
        ),
      );
      const numbers = read.map(([n]) => Number(n));
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      expect(numbers).toHaveLength(rows);
    }
  });

  test("has the same values for DuckDB", async () => {
    const rows = await folder.sql(
      `SELECT n, site FROM read_parquet('${folder.at("lake")}/**/*.parquet', hive_partitioning = true, ` +
        "hive_types_autocast = false) ORDER BY n",
    );
    expect(rows).toEqual(Array.from({ length: ROWS }, (_, n) => [BigInt(n), siteOf(n)]));
  });

  test("has the same values for Oddflow", async () => {
    const table = await openTable(folder.at("lake/**/*.parquet"));
    try {
      const expected = VALUES.filter((value) => value !== "");
      expect(new Set(await table.distinctValues("site", "text", 100))).toEqual(new Set(expected));
    } finally {
      table.close();
    }
  });

  test.skipIf(PYTHON === undefined)(
    "has the same values for pyarrow (skipped without ODDFLOW_PYTHON)",
    () => {
      const script = `
import json, sys
import pyarrow as pa, pyarrow.dataset as ds
schema = pa.schema([("site", pa.string()), ("odd", pa.string())])
lake = ds.dataset(sys.argv[1], format="parquet", partitioning=ds.partitioning(schema, flavor="hive")).to_table()
print(json.dumps(sorted(zip(lake["n"].to_pylist(), lake["site"].to_pylist()), key=lambda row: row[0])))`;
      const printed = execFileSync(PYTHON ?? "", ["-c", script, folder.at("lake")], { encoding: "utf8" });
      expect(JSON.parse(printed)).toEqual(Array.from({ length: ROWS }, (_, n) => [n, siteOf(n)]));
    },
  );

  test("is refused by a column whose values name no folders", async () => {
    const table = await openTable(await folder.copy("SELECT [1, 2] AS list, 1 AS n", "lists.parquet"));
    try {
      const partition = partitionTable(table, { columns: ["list"], folder: folder.at("none"), name: "part" });
      await expect(partition).rejects.toThrow(/--partition-by list: .*name another column/);
    } finally {
      table.close();
    }
  });
});
