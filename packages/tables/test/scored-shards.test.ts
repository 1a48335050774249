import { mkdirSync, readdirSync } from "node:fs";
import type { ColumnCoding, ScoredRows } from "@oddflow/preprocessing";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import {
  createScoredShardWriter,
  createScoredTableWriter,
  createShardsWriter,
  type FlowTable,
  openTable,
  type RowRange,
  type ScoredTableOptions,
  type WrittenShard,
} from "../src/index.ts";
import { collect, makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();
const CODINGS: ColumnCoding[] = [
  { kind: "number", name: "place" },
  { kind: "number", name: "eighth" },
  { kind: "category", name: "word", valueType: "text", vocabulary: ["w0", "w1", "w2"] },
];
let out = "";
let count = 0;

beforeEach(() => {
  out = folder.at(`out-${count++}`);
  mkdirSync(out);
});

/** A list, as DuckDB gives it. */
function items(list: unknown): unknown {
  return list instanceof Object && "items" in list ? list.items : list;
}

async function makeTable(rows: number, rowGroup: number, name = `table-${count++}.parquet`): Promise<string> {
  return folder.copy(
    `SELECT range AS place, CASE WHEN range % 7 > 0 THEN range / 8 END AS eighth, 'w' || range % 5 AS word,
       range % 3 = 0 AS flag, repeat('x', (range % 40)::INT) || range AS ballast FROM range(${rows})`,
    name,
    `FORMAT parquet, ROW_GROUP_SIZE ${rowGroup}`,
  );
}

/** Row `r` of the table: score r, an anomaly when r % 3 is 0, with reasons when r % 5 is 0. */
function scoresOf(first: number, rows: number, isFull: boolean): ScoredRows {
  const places = Array.from({ length: rows }, (_, i) => first + i);
  return {
    score: Float32Array.from(places),
    isAnomaly: Uint8Array.from(places, (place) => (place % 3 === 0 ? 1 : 0)),
    rarity: Float64Array.from(places, (place) => (place % 4) / 4),
    ...(isFull ? { top: Int16Array.from(places, (place) => (place % 3) - 1) } : {}),
    ...(isFull ? { reasons: places.map((place) => (place % 5 === 0 ? `[${place}]` : null)) } : {}),
  };
}

async function writeParts(table: FlowTable, ranges: readonly RowRange[], options: ScoredTableOptions) {
  const writer = await createShardsWriter(table, options);
  const firstRows = ranges.map((_, shard) => ranges.slice(0, shard).reduce((sum, { rows }) => sum + rows, 0));
  const written: WrittenShard[] = [];
  // Shards are written in any order; they are joined in theirs.
  for (const [shard, range] of [...ranges.entries()].reverse()) {
    const own = await createScoredShardWriter(table, {
      ...options,
      range,
      target: writer.target(shard),
      isFirst: shard === 0,
    });
    for (let at = 0; at < range.rows; at += 5000) {
      const rows = Math.min(5000, range.rows - at);
      own.write(scoresOf((firstRows[shard] as number) + at, rows, options.top !== undefined));
    }
    written[shard] = await own.finish();
    own.close();
  }
  for (const shard of ranges.keys()) await writer.append(shard, written[shard]);
  await writer.finish();
  return writer.replaced;
}

describe("ranges of a table", () => {
  test("follow each other without gaps, and their scans are the table's scan", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 90_000 }),
        fc.constantFrom(2048, 8192, 122_880),
        fc.integer({ min: 1, max: 9 }),
        async (rows, rowGroup, workers) => {
          const table = await openTable(await makeTable(rows, rowGroup, "ranges.parquet"));
          const ranges = await table.ranges(workers);
          let next = 0;
          const scans: Float32Array[][] = [];
          for (const range of ranges) {
            expect([range.file, range.first]).toEqual([0, next]);
            expect(range.rows).toBeGreaterThan(0);
            expect(range.rowGroups.reduce((sum, own) => sum + own)).toBe(range.rows);
            // Where a range goes on, a row group begins.
            let at = range.first;
            for (const own of range.rowGroups) {
              expect(Math.floor((at + own - 1) / rowGroup)).toBe(Math.floor(at / rowGroup));
              at += own;
            }
            scans.push(await collect(table.scan(CODINGS, { range })));
            next += range.rows;
          }
          expect(next).toBe(rows);
          const whole = await collect(table.scan(CODINGS));
          table.close();
          for (const [k, values] of whole.entries()) {
            expect(Float32Array.from(scans.flatMap((columns) => [...(columns[k] ?? [])]))).toEqual(values);
          }
        },
      ),
      { numRuns: 6 },
    );
  });

  test("of several files that differ in their columns give what the whole table gives", async () => {
    await folder.copy(
      "SELECT range::INTEGER AS place, 1.5 AS eighth, 'w1' AS word FROM range(3000)",
      "many-0.parquet",
    );
    await folder.copy("SELECT range / 2 AS place, 'w2' AS word FROM range(2500)", "many-1.parquet");
    await folder.copy("SELECT 'w0' AS word, 7 AS other, range AS place FROM range(10)", "many-2.parquet");
    const paths = [0, 1, 2, 1].map((number) => folder.at(`many-${number}.parquet`));
    const table = await openTable(paths);
    const ranges = await table.ranges(2);
    expect(new Set(ranges.map(({ file }) => file)).size).toBe(4);
    const path = `${out}/shards.parquet`;
    await writeParts(table, ranges, { path, columns: "all" });
    const single = `${out}/single.parquet`;
    const writer = await createScoredTableWriter(table, { path: single, columns: "all" });
    writer.write(scoresOf(0, table.rows, false));
    await writer.finish();
    const inAll = CODINGS.filter(({ name }) => name !== "eighth");
    const whole = await collect(table.scan(inAll));
    await expect(collect(table.scan(CODINGS))).rejects.toThrow(/many-1\.parquet lacks "eighth"/);
    table.close();
    expect(await folder.sql(`SELECT * FROM '${path}'`)).toEqual(
      await folder.sql(`SELECT * FROM '${single}'`),
    );
    expect(await folder.sql(`DESCRIBE FROM '${path}'`)).toEqual(
      await folder.sql(`DESCRIBE FROM '${single}'`),
    );
    const back = await openTable(path);
    expect(await collect(back.scan(inAll))).toEqual(whole);
    back.close();
  });

  test("are none where a table cannot be cut", async () => {
    for (const name of ["whole.csv", "whole.ndjson"]) {
      const table = await openTable(await folder.copy("SELECT range AS a FROM range(9000)", name));
      expect(await table.ranges(2)).toEqual([]);
      table.close();
    }
    const named = await folder.copy("SELECT range AS File_Row_Number FROM range(9000)", "named.parquet");
    const table = await openTable(named);
    expect(await table.ranges(2)).toEqual([]);
    table.close();
  });
});

describe("a scored table of shards", () => {
  const outputs = ["parquet", "csv", "tsv", "ndjson"];

  test.each(outputs)("as .%s holds what one that is written at once holds", async (output) => {
    const table = await openTable(await makeTable(60_000, 14_336));
    const ranges = await table.ranges(9);
    expect(ranges.length).toBeGreaterThan(2);
    const options = (name: string): ScoredTableOptions => ({
      path: `${out}/${name}.${output}`,
      columns: "all",
      top: { names: ["a", "b"], count: 1 },
      reasons: true,
    });
    await writeParts(table, ranges, options("shards"));
    const writer = await createScoredTableWriter(table, options("single"));
    writer.write(scoresOf(0, table.rows, true));
    await writer.finish();
    table.close();
    expect(readdirSync(out).toSorted()).toEqual([`shards.${output}`, `single.${output}`]);
    const [shards, single] = ["shards", "single"].map((name) => `'${out}/${name}.${output}'`);
    expect(await folder.sql(`DESCRIBE FROM ${shards}`)).toEqual(await folder.sql(`DESCRIBE FROM ${single}`));
    const rows = await folder.sql(`FROM ${shards}`);
    expect(rows).toHaveLength(60_000);
    expect(rows).toEqual(await folder.sql(`FROM ${single}`));
  });

  test("as Parquet is found by its statistics, and tells its rows", async () => {
    const table = await openTable(await makeTable(50_000, 8192));
    const path = `${out}/shards.parquet`;
    await writeParts(table, await table.ranges(1), { path, columns: "all" });
    table.close();
    for (const place of [0, 8191, 8192, 33_333, 49_999]) {
      // DuckDB passes over row groups, pages and Bloom filters that say no.
      const where = `place = ${place} AND ballast = repeat('x', ${place % 40}) || ${place}`;
      expect(await folder.sql(`SELECT score FROM '${path}' WHERE ${where}`)).toEqual([[place]]);
    }
    const [[groups, rows] = []] = await folder.sql(
      `SELECT count(DISTINCT row_group_id), sum(row_group_num_rows) FILTER (column_id = 0) FROM parquet_metadata('${path}')`,
    );
    expect(Number(groups)).toBeGreaterThan(6);
    expect(Number(rows)).toBe(50_000);
  });

  test("leaves nothing behind when it is given up, or when the input has changed", async () => {
    const input = await makeTable(20_000, 2048, "changing.parquet");
    const table = await openTable(input);
    const [range] = await table.ranges(2);
    const options = { path: `${out}/scored.csv`, columns: "all" } as const;
    const writer = await createShardsWriter(table, options);
    const own = await createScoredShardWriter(table, {
      ...options,
      range: range as RowRange,
      target: writer.target(0),
      isFirst: true,
    });
    own.write(scoresOf(0, (range as RowRange).rows, false));
    await own.finish();
    own.close();
    expect(readdirSync(out)).not.toEqual([]);
    await writer.abort();
    expect(readdirSync(out)).toEqual([]);
    await expect(writer.finish()).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));

    const again = await createShardsWriter(table, options);
    await makeTable(20_001, 2048, "changing.parquet");
    await expect(again.finish()).rejects.toThrow(/changing\.parquet was changed while it was read/);
    expect(readdirSync(out)).toEqual([]);
    table.close();
  });
});

describe("Parquet that becomes Parquet in shards", () => {
  test("keeps columns of any type, codec and nesting as they are stored", async () => {
    const input = await folder.copy(
      `SELECT range AS place, {'a': range, 'b': [range::VARCHAR, NULL]} AS nested, (range / 7)::DECIMAL(20, 4) AS exact,
         TIMESTAMP '2024-01-01' + to_seconds(range) AS "when", NULL::DATE AS never, 'old' AS SCORE,
         [[range % 3], []] AS lists, map {'k': range % 2} AS pairs, range::HUGEINT AS huge FROM range(9000)`,
      "typed.parquet",
      "FORMAT parquet, ROW_GROUP_SIZE 4096, COMPRESSION gzip",
    );
    const table = await openTable([input, input]);
    const path = `${out}/typed.parquet`;
    const keyColumns = ["nested.a", "when", "lists", "pairs", "never", "exact", "SCORE"];
    const replaced = await writeParts(table, await table.ranges(2), { path, columns: "keys", keyColumns });
    table.close();
    expect(replaced).toEqual(["SCORE"]);
    const kept = keyColumns
      .filter((name) => name !== "SCORE")
      // Of a struct a field is named, and the whole stays.
      .map((name) => `"${name === "nested.a" ? "nested" : name}"`);
    expect(await folder.sql(`SELECT ${kept} FROM '${path}'`)).toEqual(
      await folder.sql(`SELECT ${kept} FROM '${input}' UNION ALL SELECT ${kept} FROM '${input}'`),
    );
    const types = (file: string) => folder.sql(`SELECT ${kept} FROM '${file}' LIMIT 0`);
    expect(await types(path)).toEqual(await types(input));
    const [[first, last] = []] = await folder.sql(`SELECT min(score), max(score) FROM '${path}'`);
    expect([first, last]).toEqual([0, 17_999]);
    const codecs = await folder.sql(
      `SELECT DISTINCT compression FROM parquet_metadata('${path}') WHERE path_in_schema LIKE 'nested%'`,
    );
    expect(codecs).toEqual([["GZIP"]]);
  });

  test("has any scores, names and reasons in any row groups", async () => {
    const text = fc.oneof(fc.constant(null), fc.string({ unit: "grapheme", maxLength: 12 }));
    const row = (names: number, count: number) =>
      fc.record({
        score: fc.float({ noNaN: true, noDefaultInfinity: true }),
        isAnomaly: fc.boolean(),
        probability: fc.float({ min: 0, max: 1, noNaN: true }),
        top: fc.array(fc.integer({ min: -1, max: names - 1 }), { minLength: count, maxLength: count }),
        reason: text,
      });
    const cases = fc
      .tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 4 }))
      .chain(([names, count]) =>
        fc.record({
          names: fc.constant(Array.from({ length: names }, (_, k) => `column ${k}`)),
          count: fc.constant(count),
          // Row groups of a Parquet file of DuckDB's are multiples of this but for the last.
          groups: fc.integer({ min: 0, max: 2 }),
          rows: fc.array(row(names, count), { minLength: 1, maxLength: 40 }),
        }),
      );
    await fc.assert(
      fc.asyncProperty(cases, async ({ names, count, groups, rows: some }) => {
        const rows = Array.from({ length: groups * 2048 + some.length }, (_, r) => some[r % some.length]);
        const present = rows.filter((own) => own !== undefined);
        const table = await openTable(await makeTable(present.length, 2048, "any.parquet"));
        const path = `${out}/any.parquet`;
        const options = { path, columns: "none", top: { names, count }, reasons: true } as const;
        const writer = await createShardsWriter(table, options);
        let first = 0;
        for (const [shard, range] of (await table.ranges(1)).entries()) {
          const target = writer.target(shard);
          expect(target.kind).toBe("pages");
          const own = await createScoredShardWriter(table, {
            ...options,
            range,
            target,
            isFirst: shard === 0,
          });
          const batch = present.slice(first, first + range.rows);
          own.write({
            score: Float32Array.from(batch, ({ score }) => score),
            isAnomaly: Uint8Array.from(batch, ({ isAnomaly }) => (isAnomaly ? 1 : 0)),
            rarity: Float64Array.from(batch, ({ probability }) => probability),
            top: Int16Array.from(batch.flatMap(({ top }) => top)),
            reasons: batch.map(({ reason }) => reason),
          });
          await writer.append(shard, await own.finish());
          first += range.rows;
        }
        await writer.finish();
        table.close();
        const found = await folder.sql(
          `SELECT score, is_anomaly, probability, list_transform(top_columns, lambda name: name), reasons FROM '${path}'`,
        );
        expect(
          found.map(([score, flag, probability, top, reason]) => [
            score,
            flag,
            probability,
            items(top),
            reason,
          ]),
        ).toEqual(
          present.map(({ score, isAnomaly, probability, top, reason }) => [
            score,
            isAnomaly,
            probability,
            top.filter((place) => place >= 0).map((place) => names[place]),
            reason,
          ]),
        );
      }),
      { numRuns: 12 },
    );
  });
});
