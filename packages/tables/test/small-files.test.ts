import { mkdirSync, readFileSync } from "node:fs";
import type { ColumnCoding, ScoredRows } from "@oddflow/preprocessing";
import { beforeAll, describe, expect, test } from "vitest";
import {
  createScoredShardWriter,
  createScoredTableWriter,
  createShardsWriter,
  openTable,
  type RowRange,
  type ScoredTableOptions,
} from "../src/index.ts";
import { collect, makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();
const FILES = 300;
const ROWS = 30_000;
const CODINGS: ColumnCoding[] = [
  { kind: "number", name: "place" },
  { kind: "number", name: "eighth" },
  { kind: "category", name: "part", valueType: "text", vocabulary: ["0", "7", "150", "299"] },
];
/** In the order of their names, as a glob gives them. */
const parts = Array.from({ length: FILES }, (_, part) => `${part}`).sort();
const glob = folder.at("lake/**/*.parquet");

beforeAll(async () => {
  mkdirSync(folder.at("lake"));
  await folder.sql(
    `COPY (SELECT range AS place, range / 8 AS eighth, range % ${FILES} AS part FROM range(${ROWS}))
       TO '${folder.at("lake")}' (FORMAT parquet, PARTITION_BY (part))`,
  );
});

function scoresOf(first: number, rows: number): ScoredRows {
  const places = Array.from({ length: rows }, (_, i) => first + i);
  return {
    score: Float32Array.from(places),
    isAnomaly: Uint8Array.from(places, (place) => Number(place % 3 === 0)),
    rarity: Float64Array.from(places, (place) => (place % 4) / 4),
  };
}

describe("hundreds of small files", () => {
  test("are read as one table, many of them at a time, each row in its place", async () => {
    const table = await openTable(glob, { threads: 1 });
    const ranges = await table.ranges(2);
    // A statement a range: its cost must not be a file's.
    expect(ranges.length).toBeLessThanOrEqual(4);
    expect(ranges.reduce((sum, { files = 1 }) => sum + files, 0)).toBe(FILES);
    const expected = parts.flatMap((part) =>
      Array.from({ length: ROWS / FILES }, (_, k) => k * FILES + Number(part)),
    );
    const scanned: Float32Array[][] = [];
    for (const range of ranges) scanned.push(await collect(table.scan(CODINGS, { range })));
    const whole = await collect(table.scan(CODINGS));
    table.close();
    expect([...(whole[0] ?? [])]).toEqual(expected);
    for (const [k, values] of whole.entries()) {
      expect(Float32Array.from(scanned.flatMap((columns) => [...(columns[k] ?? [])]))).toEqual(values);
    }
  });

  test.each(["parquet", "csv"])("are written in shards as at once: %s", async (ending) => {
    const table = await openTable(glob, { threads: 1 });
    const options = (name: string): ScoredTableOptions => ({
      path: folder.at(`${name}.${ending}`),
      columns: "all",
      keyColumns: [],
    });
    const writer = await createScoredTableWriter(table, options("whole"));
    await writer.write(scoresOf(0, ROWS));
    await writer.finish();
    const shards = await createShardsWriter(table, options("shards"));
    let first = 0;
    for (const [shard, range] of (await table.ranges(2)).entries()) {
      const target = shards.target(shard);
      const own = await createScoredShardWriter(table, {
        ...options("shards"),
        range,
        target,
        isFirst: shard === 0,
      });
      own.write(scoresOf(first, range.rows));
      await shards.append(shard, await own.finish());
      own.close();
      first += range.rows;
    }
    await shards.finish();
    table.close();
    const bytes = (name: string): Buffer => readFileSync(folder.at(`${name}.${ending}`));
    expect(bytes("shards").equals(bytes("whole"))).toBe(true);
  });

  test("are kept apart where their columns differ in form", async () => {
    const other = await folder.copy("SELECT 1.5 AS place, 2 AS eighth, 'x' AS more", "other.parquet");
    const alike = await folder.copy("SELECT 5::BIGINT AS place, 0.5::DOUBLE AS eighth", "alike.parquet");
    const table = await openTable([alike, alike, other, alike]);
    const ranges = await table.ranges(1);
    const filesOf = ({ file, files = 1 }: RowRange): [number, number] => [file, files];
    expect(ranges.map(filesOf)).toEqual([
      [0, 2],
      [2, 1],
      [3, 1],
    ]);
    const places = await Promise.all(
      ranges.map((range) => collect(table.scan(CODINGS.slice(0, 1), { range }))),
    );
    table.close();
    expect(places.flatMap(([place]) => [...(place ?? [])])).toEqual([5, 5, 1.5, 5]);
  });
});
