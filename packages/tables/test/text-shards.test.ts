import { existsSync, readFileSync, rmSync, truncateSync } from "node:fs";
import type { ColumnCoding, ScoredRows } from "@oddflow/preprocessing";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  checkColumns,
  createScoredTableWriter,
  createTextShardsWriter,
  JsonShardReader,
  JsonShardWriter,
  NotPlainText,
  openJsonTable,
  openTable,
  openTextTable,
  type TextShard,
  TextShardReader,
  TextShardWriter,
  type TextTable,
} from "../src/index.ts";
import { collect, makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();
const LETTERS = new TextEncoder();

const plain = (...values: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...values);
const number = plain("1", "2.5", "-3", "0.1234567890123456", "124881.81892205597", "1e-05", "1e39", "", "7");
const odd = plain(
  '"tcp"',
  '"a,b"',
  '"a""b"',
  '""',
  " tcp",
  "nan",
  "-",
  "tcp ",
  "x#y",
  "é",
  "a\rb",
  "(empty)",
  "\\x41",
);
const text = fc.oneof({ weight: 30, arbitrary: plain("tcp", "udp", "icmp") }, odd);
const row = fc.tuple(number, text, plain("53", "80", "443"), text);
const rows = fc.array(
  fc.oneof(
    { weight: 80, arbitrary: row.map((cells): readonly string[] => cells) },
    { weight: 1, arbitrary: fc.array(odd, { maxLength: 6 }) },
  ),
  { minLength: 1, maxLength: 20 },
);
/** What sensors write nearly always, and what shards are for. */
const usualRows = fc.array(
  fc.tuple(
    plain("1", "2.5", "-3", "1e-05", "7"),
    plain("tcp", "udp"),
    plain("53", "80"),
    plain("tcp", "icmp"),
  ),
  { minLength: 1, maxLength: 20 },
);
const score = fc.oneof(
  fc.float({ min: 0, max: 30, noNaN: true }),
  fc.float({ min: 0, max: 1, noNaN: true }).map((share) => Math.fround(share ** 5)),
  fc.constantFrom(0, 1, 0.5, 17.4296875, 3, 1e-5),
);

const FORMS = {
  "CSV that DuckDB writes anew": {
    ending: "csv",
    delimiter: ",",
    start: "amount,proto,port,note",
    names: ["amount", "proto", "port"],
    end: "",
  },
  "tab-separated text": {
    ending: "tsv",
    delimiter: "\t",
    start: "amount\tproto\tport\tnote",
    names: ["amount", "proto", "port"],
    end: "",
  },
  "CSV of Argus, which pads": {
    ending: "csv",
    delimiter: ",",
    start: "TotBytes,Proto,Dport,Note,StartTime,SrcAddr,DstAddr,State",
    names: ["TotBytes", "Proto", "Dport"],
    end: ",1.5,192.0.2.1,192.0.2.2,CON",
  },
  "a Zeek log": {
    ending: "log",
    delimiter: "\t",
    start: "#separator \\x09\n#fields\tamount\tproto\tport\tnote\n#types\tdouble\tenum\tport\tstring",
    names: ["amount", "proto", "port"],
    end: "",
  },
};

const codingsOf = ([amount = "", proto = "", port = ""]: readonly string[]): readonly ColumnCoding[] => [
  { kind: "number", name: amount },
  { kind: "category", name: proto, valueType: "text", vocabulary: ["tcp", "udp"] },
  { kind: "category", name: port, valueType: "number", vocabulary: ["53", "80"] },
];

/** What a whole run writes, and what the rows were encoded to; undefined where the file is refused. */
async function asTable(
  path: string,
  codings: readonly ColumnCoding[],
  scored: (rows: number) => ScoredRows,
): Promise<{ readonly flows: readonly (readonly number[])[]; readonly written: string } | undefined> {
  const out = folder.at(`as-table${/\.[a-z]+$/.exec(path)?.[0]}`);
  const table = await openTable(path).catch(() => undefined);
  if (table === undefined) return undefined;
  try {
    await checkColumns(table, codings);
    const columns = await collect(table.scan(codings));
    const writer = await createScoredTableWriter(table, { path: out, columns: "all", keyColumns: [] });
    await writer.write(scored(table.rows));
    await writer.finish();
    const flows = Array.from({ length: table.rows }, (_, i) => columns.map((column) => column[i] as number));
    return { flows, written: readFileSync(out, "utf8") };
  } catch {
    return undefined;
  } finally {
    table.close();
  }
}

/** The same by shards; undefined where they find that they cannot tell. */
async function byShards(
  table: TextTable,
  shards: readonly TextShard[],
  codings: readonly ColumnCoding[],
  scored: (rows: number) => ScoredRows,
): Promise<{ readonly flows: readonly (readonly number[])[]; readonly written: string } | undefined> {
  const out = folder.at(`by-shards${/\.[a-z]+$/.exec(table.file.path)?.[0]}`);
  const writer = await createTextShardsWriter(table, out);
  const flows: number[][] = [];
  try {
    for (const [k, shard] of shards.entries()) {
      const reader = new TextShardReader(shard, codings);
      const own = new TextShardWriter(writer.place(k), shard, k === 0);
      try {
        for (const block of reader.blocks(7)) {
          const head = reader.head as NonNullable<typeof reader.head>;
          const first = flows.length;
          for (let at = 0; at < block.flows.length; at += codings.length)
            flows.push([...block.flows.subarray(at, at + codings.length)]);
          const { score, isAnomaly, rarity } = scored(flows.length);
          const part = {
            score: score.subarray(first),
            isAnomaly: isAnomaly.subarray(first),
            rarity: rarity.subarray(first),
          };
          own.write(block, part, head);
        }
        own.finish();
      } finally {
        own.close();
      }
      await writer.append(k);
    }
    await writer.finish();
    return { flows, written: readFileSync(out, "utf8") };
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(NotPlainText);
    return undefined;
  } finally {
    await writer.abort();
  }
}

test.each(Object.entries(FORMS))(
  "shards of %s, cut anywhere, are encoded and written as the whole table is, or left to be read as one",
  async (_, { ending, delimiter, start, names, end }) => {
    const forms = {
      cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
      lineEnd: fc.oneof({ weight: 6, arbitrary: fc.constant("\n") }, fc.constant("\r\n")),
      isEnded: fc.boolean(),
      scores: fc.array(score, { minLength: 60, maxLength: 60 }),
    };
    let alike = 0;
    const holds = fc.asyncProperty(
      fc.oneof(fc.record({ rows, ...forms }), fc.record({ rows: usualRows, ...forms })),
      async ({ rows, cuts, lineEnd, isEnded, scores }) => {
        const lines = [...start.split("\n"), ...rows.map((cells) => cells.join(delimiter) + end)];
        const content = lines.join(lineEnd) + (isEnded ? lineEnd : "");
        const path = folder.write(`flows.${ending}`, LETTERS.encode(content));
        const codings = codingsOf(names);
        const scored = (count: number): ScoredRows => ({
          score: Float32Array.from({ length: count }, (_, i) => scores[i % scores.length] as number),
          isAnomaly: Uint8Array.from({ length: count }, (_, i) => i % 2),
          rarity: Float64Array.from({ length: count }, (_, i) => scores[(i + 7) % scores.length] as number),
        });
        const table = await openTextTable(path, { from: undefined, out: `out.${ending}`, processes: 2 });
        const [shard] = table?.shards ?? [];
        if (table === undefined || shard === undefined) return;
        const { from, until } = shard;
        const ends = cuts
          .map((cut) => Math.min(until, from + 1 + Math.floor(cut * (until - from))))
          .sort((a, b) => a - b);
        const shards = [from, ...ends].map((own, k) => ({ ...shard, from: own, until: ends[k] ?? until }));
        const found = await byShards(table, shards, codings, scored);
        if (found === undefined) return;
        alike++;
        expect(found).toEqual(await asTable(path, codings, scored));
      },
    );
    await fc.assert(holds, { numRuns: 20 });
    // It is for the files that there usually are.
    expect(alike).toBeGreaterThan(0);
  },
);

test("files that say more than their rows are left to be read as tables", async () => {
  const texts = {
    "no-header.csv": "1,2\n3,4\n",
    "decimals.csv": "a;b\n1,5;2\n",
    "scored.csv": "a,score\n1,2\n",
    "marked.csv": "\ufeffa,b\n1,2\n",
    "empty.csv": "",
  };
  for (const [name, content] of Object.entries(texts)) {
    const path = folder.write(name, content);
    expect(
      await openTextTable(path, { from: undefined, out: "out.csv", processes: 2 }),
      name,
    ).toBeUndefined();
  }
  const path = folder.write("good.csv", "a,b\n1,2\n");
  expect(await openTextTable(path, { from: undefined, out: "out.parquet", processes: 2 })).toBeUndefined();
  expect(await openTextTable(path, { from: undefined, out: "out.csv", processes: 2 })).toMatchObject({
    names: ["a", "b"],
    shards: [{ from: 4, until: 8 }],
  });
});

test("a line that is longer than one may be is no shard's: the reader of whole tables says so, and no more is read of it", async () => {
  const options = { from: undefined, processes: 2 };
  const codings: readonly ColumnCoding[] = [{ kind: "number", name: "a" }];
  const first = (table: TextTable | undefined): TextShard => table?.shards[0] as TextShard;
  const cells = folder.write("long.csv", `a,b\n1,2\n3,${"x".repeat(17_000_000)}\n`);
  const row = first(await openTextTable(cells, { ...options, out: "out.csv" }));
  expect(() => [...new TextShardReader(row, codings).blocks(8)]).toThrow(NotPlainText);
  // Eight gigabytes that no memory has room for, and that no disk need have.
  const endless = {
    cells: folder.write("endless.csv", "a,b\n1,2\n"),
    json: folder.write("endless.ndjson", '{"a":1}\n'),
  };
  for (const path of Object.values(endless)) truncateSync(path, 8e9);
  const rows = first(await openTextTable(endless.cells, { ...options, out: "out.csv" }));
  expect(() => [...new TextShardReader(rows, codings).blocks(8)]).toThrow(NotPlainText);
  const records = first(await openJsonTable(endless.json, { ...options, out: "out.ndjson" }));
  expect(() => [...new JsonShardReader(records, codings, ["a"]).blocks(8)]).toThrow(NotPlainText);
});

test.skipIf(!existsSync("/dev/full"))(
  "a full disk and a file that has gone are said in words, wherever shards are written and read",
  async () => {
    const options = { from: undefined, processes: 2 };
    const codings: readonly ColumnCoding[] = [{ kind: "number", name: "a" }];
    const scores: ScoredRows = {
      score: new Float32Array(1),
      isAnomaly: new Uint8Array(1),
      rarity: new Float64Array(1),
    };
    const full = { path: "scored.csv", temporary: "/dev/full" };
    const isFull = expect.objectContaining({
      code: "OUTPUT_UNWRITABLE",
      message: expect.stringMatching(/^write output: scored\.csv cannot be written: no space is left/),
    });
    const cells = folder.write("cells.csv", "a,b\n1,2\n");
    const [rows] = (await openTextTable(cells, { ...options, out: "out.csv" }))?.shards ?? [];
    const reader = new TextShardReader(rows as TextShard, codings);
    const writer = new TextShardWriter(full, rows as TextShard, true);
    for (const block of reader.blocks(8))
      writer.write(block, scores, reader.head as NonNullable<typeof reader.head>);
    expect(() => writer.finish()).toThrow(isFull);
    writer.close();
    const lines = folder.write("lines.ndjson", '{"a":1}\n');
    const [records] = (await openJsonTable(lines, { ...options, out: "out.ndjson" }))?.shards ?? [];
    const json = new JsonShardWriter(full);
    for (const block of new JsonShardReader(records as TextShard, codings, ["a"]).blocks(8))
      expect(() => json.write(block, scores)).toThrow(isFull);
    json.close();
    for (const path of [cells, lines]) rmSync(path);
    const isGone = expect.objectContaining({
      code: "TABLE_UNREADABLE",
      message: expect.stringContaining("ENOENT"),
    });
    expect(() => [...new TextShardReader(rows as TextShard, codings).blocks(8)]).toThrow(isGone);
    expect(() => [...new JsonShardReader(records as TextShard, codings, ["a"]).blocks(8)]).toThrow(isGone);
  },
);
