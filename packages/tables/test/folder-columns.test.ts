import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { ColumnCoding } from "@oddflow/preprocessing";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import {
  createScoredShardWriter,
  createScoredTableWriter,
  createShardsWriter,
  decideRoles,
  type FlowTable,
  openTable,
  type ScoredTableOptions,
  type WrittenShard,
} from "../src/index.ts";
import { collect, makeTableFolder } from "./table-folder.ts";

/** A Python with pyarrow; `.ci/run` makes one. */
const PYTHON = process.env["ODDFLOW_PYTHON"];

const folder = await makeTableFolder();
const INPUTS = ["parquet", "csv", "ndjson"];
const OUTPUTS = ["parquet", "csv", "tsv", "ndjson"];
let count = 0;

/** Writes a file into folders of these names. */
function write(name: string, content: string): string {
  mkdirSync(dirname(folder.at(name)), { recursive: true });
  return folder.write(name, content);
}

/** `n` from 0 to 17,999, in the folders `day` (01, 02, 03) and `site` (two words, or none). */
beforeAll(async () => {
  for (const format of INPUTS) {
    for (let part = 0; part < 6; part++) {
      const site = part % 2 === 0 ? "a%20b%2F%C3%BC" : "__HIVE_DEFAULT_PARTITION__";
      const name = `lake-${format}/day=0${1 + (part % 3)}/site=${site}/part-0.${format}`;
      mkdirSync(dirname(folder.at(name)), { recursive: true });
      await folder.copy(
        `SELECT range AS n, 'x' AS p FROM range(18000) WHERE n % 6 = ${part}`,
        name,
        format === "parquet"
          ? "FORMAT parquet, ROW_GROUP_SIZE 2048"
          : `FORMAT ${format === "csv" ? "csv" : "json"}`,
      );
    }
  }
});

/** What a row of the lake has in its folders. */
function foldersOf(n: number): [string, string | null] {
  return [`0${1 + (n % 3)}`, n % 2 === 0 ? "a b/ü" : null];
}

/** Scores a table whole, or in shards, and gives the number of shards. */
async function score(table: FlowTable, options: ScoredTableOptions, workers: number): Promise<number> {
  const ranges = await table.ranges(workers);
  const scores = (rows: number) => ({
    score: new Float32Array(rows),
    isAnomaly: new Uint8Array(rows),
    rarity: new Float64Array(rows),
  });
  if (ranges.length === 0) {
    const writer = await createScoredTableWriter(table, options);
    await writer.write(scores(table.rows));
    await writer.finish();
    return 1;
  }
  const writer = await createShardsWriter(table, options);
  for (const [shard, range] of ranges.entries()) {
    const target = writer.target(shard);
    const own = await createScoredShardWriter(table, { ...options, range, target, isFirst: shard === 0 });
    own.write(scores(range.rows));
    const written: WrittenShard = await own.finish();
    own.close();
    await writer.append(shard, written);
  }
  await writer.finish();
  return ranges.length;
}

/** Rows of `n`, `day` and `site` of a scored file. */
async function readScored(path: string): Promise<unknown[][]> {
  const reader = path.endsWith("parquet")
    ? `read_parquet('${path}', hive_partitioning = false)`
    : path.endsWith("ndjson")
      ? `read_json('${path}', columns = {n: 'BIGINT', day: 'VARCHAR', site: 'VARCHAR'})`
      : `read_csv('${path}', types = {day: 'VARCHAR', site: 'VARCHAR'})`;
  return folder.sql(`SELECT n, day, site FROM ${reader}`);
}

describe("columns that stand in the names of folders", () => {
  test.each(INPUTS)("of %s are text, identifiers, and features for whoever says so", async (format) => {
    const table = await openTable(folder.at(`lake-${format}/**/*.${format}`));
    expect(table.columns).toEqual([
      { name: "n", type: "integer" },
      { name: "p", type: "text" },
      { name: "day", type: "text" },
      { name: "site", type: "text" },
    ]);
    const { decisions } = await decideRoles(table, "auto", new Map([["day", "category"]]));
    expect(decisions.map(({ name, role }) => [name, role]).slice(2)).toEqual([
      ["day", "category"],
      ["site", "identifier"],
    ]);
    const reference = await decideRoles(table, "reference", new Map());
    expect(reference.decisions.slice(2).map(({ role }) => role)).toEqual(["identifier", "identifier"]);
    expect(await table.timeColumn()).toBeUndefined();
    const vocabulary = await table.distinctValues("day", "text", 10);
    expect(vocabulary).toEqual(["01", "02", "03"]);
    const codings: ColumnCoding[] = [
      { kind: "number", name: "n" },
      { kind: "category", name: "day", valueType: "text", vocabulary },
      { kind: "number", name: "day" },
      { kind: "category", name: "site", valueType: "text", vocabulary: ["a b/ü"] },
    ];
    const expected = (n: Float32Array): number[][] => [
      [...n].map((value) => value % 3),
      [...n].map((value) => 1 + (value % 3)),
      [...n].map((value) => (value % 2 === 0 ? 0 : Number.NaN)),
    ];
    const [n = new Float32Array(), ...folders] = await collect(table.scan(codings));
    expect(n.length).toBe(18_000);
    expect(folders.map((values) => [...values])).toEqual(expected(n));
    for (const range of await table.ranges(2)) {
      const [own = new Float32Array(), ...ofRange] = await collect(table.scan(codings, { range }));
      expect(ofRange.map((values) => [...values])).toEqual(expected(own));
    }
    table.close();
  });

  test.each(INPUTS)("of %s are in the scored file, row by row, whatever its format", async (format) => {
    const table = await openTable(folder.at(`lake-${format}/**/*.${format}`));
    for (const output of OUTPUTS) {
      for (const workers of format === "parquet" ? [1, 3] : [1]) {
        const path = folder.at(`scored-${count++}.${output}`);
        const shards = await score(table, { path, columns: "all" }, workers);
        expect(shards > 1).toBe(format === "parquet");
        const rows = await readScored(path);
        expect(rows.length).toBe(18_000);
        for (const [n, ...folders] of rows) expect(folders).toEqual(foldersOf(Number(n)));
      }
      const keys = folder.at(`keys-${count++}.${output}`);
      const keyColumns = ["n", "site"];
      await score(table, { path: keys, columns: "keys", keyColumns }, 1);
      const names = (await folder.sql(`DESCRIBE FROM '${keys}'`)).map(([name]) => name);
      expect(names).toEqual(["n", "site", "score", "is_anomaly", "probability"]);
    }
    table.close();
  });

  test("of a small file alone come along too, from a copy of it as well", async () => {
    const mixed = write("run/day=07/host=a%3Db/mixed.csv", "n,p\r\n1,x\n2,y\n");
    const twice = write("run/day=07/host=a%3Db/twice.ndjson", '{"n":0,"n":1,"p":"x"}\n{"n":2,"p":"y"}\n');
    const lines = write("run/day=07/host=a%3Db/lines.ndjson", '{"n":1,"p":"x"}\n{"n":2,"p":"y"}\n');
    for (const path of [mixed, twice, lines]) {
      const table = await openTable(path);
      const out = folder.at(`small-${count++}.parquet`);
      await score(table, { path: out, columns: "all" }, 1);
      table.close();
      const rows = await folder.sql(`SELECT n, p, day, host FROM read_parquet('${out}')`);
      expect(rows).toEqual([
        [1n, "x", "07", "a=b"],
        [2n, "y", "07", "a=b"],
      ]);
    }
  });

  test.skipIf(PYTHON === undefined)("are there for pyarrow (skipped without ODDFLOW_PYTHON)", async () => {
    const table = await openTable(folder.at("lake-parquet/**/*.parquet"));
    const path = folder.at("pyarrow.parquet");
    await score(table, { path, columns: "all" }, 1);
    table.close();
    const script = `
import pyarrow.dataset as ds, pyarrow.parquet as pq, sys
lake, scored = sys.argv[1:]
partitioning = ds.partitioning(flavor="hive", schema=__import__("pyarrow").schema([("day", "string"), ("site", "string")]))
before = ds.dataset(lake, format="parquet", partitioning=partitioning).to_table().to_pydict()
after = pq.read_table(scored)
print([str(after.schema.field(name).type) for name in ("day", "site")])
rows = lambda t: sorted(zip(t["n"], t["day"], t["site"]), key=str)
print(rows(before) == rows(after.to_pydict()), len(after))`;
    const printed = execFileSync(PYTHON ?? "", ["-c", script, folder.at("lake-parquet"), path], {
      encoding: "utf8",
    });
    expect(printed).toBe("['string', 'string']\nTrue 18000\n");
  });

  test("give way to a column of the file's own", async () => {
    for (const [name, content] of [
      ["day=01/own.csv", "n,Day\n1,x\n"],
      ["day=01/own.ndjson", '{"n":1,"Day":"x"}\n'],
    ] as const) {
      const table = await openTable(write(`own/${name}`, content));
      expect(table.columns.map((column) => column.name)).toEqual(["n", "Day"]);
      expect(await table.distinctValues("Day", "text", 9)).toEqual(["x"]);
      table.close();
    }
  });

  test("are labels where they are called so, or are words of labels", async () => {
    for (const [names, role] of [
      [["label=benign", "label=dos"], "label"],
      [["kind=benign", "kind=botnet"], "label"],
      [["kind=a", "kind=b"], "identifier"],
    ] as const) {
      const files = names.map((name) => write(`labels-${count++}/${name}/a.csv`, "n,p\n1,x\n2,y\n"));
      const table = await openTable(files);
      const { decisions } = await decideRoles(table, "auto", new Map());
      expect(decisions.at(-1)).toMatchObject({ role });
      table.close();
    }
  });

  test.each<[string, readonly string[], RegExp]>([
    [
      "another column",
      ["day=1/a", "hour=1/b"],
      /hour=1\/b\.csv is in no folder day=\.\.\., as .*day=1\/a\.csv is/,
    ],
    ["none", ["day=1/a", "b"], /\/b\.csv is in no folder day=/],
    ["one more", ["day=1/a", "day=1/hour=2/b"], /day=1\/a\.csv is in no folder hour=/],
    ["a column twice", ["day=1/Day=2/a"], /is in folders of two values, day=1 and Day=2/],
  ])("are refused where a file has %s", async (_what, names, message) => {
    const files = names.map((name) => write(`differ-${count++}/${name}.csv`, "n,p\n1,x\n"));
    await expect(openTable(files)).rejects.toMatchObject({
      code: "TABLE_UNREADABLE",
      message: expect.stringMatching(message),
    });
  });

  test("are refused where one file holds the column itself", async () => {
    const files = [write("some/day=1/a.csv", "n,p\n1,x\n"), write("some/b.csv", "n,p,day\n1,x,2\n")];
    await expect(openTable(files)).rejects.toMatchObject({
      code: "TABLE_UNREADABLE",
      message: expect.stringMatching(/b\.csv holds a column "day", .* of .*day=1\/a\.csv/),
    });
  });

  test("have the values that DuckDB finds, percent codes and all", async () => {
    const part = fc.oneof(
      // DuckDB takes a ? for the end of an address's path.
      fc.constantFrom(
        "%20",
        "%C3%A9",
        "%e4%b8",
        "%zz",
        "%",
        "%2F",
        "+",
        " ",
        "'",
        '"',
        "é",
        "😀",
        "*",
        "[a]",
      ),
      fc.string({ minLength: 1, maxLength: 4 }).map((text) => text.replaceAll(/[/\\=\0\n?]/g, "_")),
    );
    const text = fc.array(part, { maxLength: 4 }).map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(text, { minLength: 1, maxLength: 4 }), async (values) => {
        // DuckDB takes the word for none at all.
        fc.pre(values.every((value) => !/^null$/i.test(value)));
        const at = `any-${count++}`;
        const files = values.map((value, k) => write(`${at}/k=${value}/${k}.csv`, `n\n${k}\n`));
        const table = await openTable(files);
        const path = folder.at(`${at}.parquet`);
        await score(table, { path, columns: "all" }, 1);
        table.close();
        const ours = await folder.sql(`SELECT n, k FROM read_parquet('${path}') ORDER BY n`);
        // Bytes that are no UTF-8 are refused by DuckDB, and stay as they are written here.
        const theirs = values.map((value, k) => [BigInt(k), value.includes("%e4%b8") ? value : undefined]);
        for (const [k, file] of files.entries()) {
          if (theirs[k]?.[1] !== undefined) continue;
          const literal = file.replaceAll("'", "''").replace(/[*?[]/g, "[$&]");
          const [row] = await folder.sql(
            `FROM read_csv('${literal}', hive_partitioning = true, hive_types_autocast = 0)`,
          );
          theirs[k] = row as [bigint, string];
        }
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 12 },
    );
  });
});
