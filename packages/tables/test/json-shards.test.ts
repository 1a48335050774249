import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { type ColumnCoding, type ContextSpec, contextColumns, type ScoredRows } from "@oddflow/preprocessing";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  checkColumns,
  countRuns,
  createScoredTableWriter,
  createTextShardsWriter,
  type FileReading,
  JsonShardReader,
  JsonShardWriter,
  NotPlainText,
  openJsonTable,
  openTable,
  readTextInputs,
  type TextShard,
  type TextTable,
  textSlices,
} from "../src/index.ts";
import { collect, makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();

const SPEC: ContextSpec = {
  windows: [5, 60],
  time: "ts",
  source: ["src"],
  destination: ["dst"],
  port: "port",
  protocol: "proto",
  bytes: ["sent", "flow.answered"],
  packets: [],
  failed: { unanswered: "flow.answered" },
};

const CODINGS: readonly ColumnCoding[] = [
  { kind: "number", name: "sent" },
  { kind: "number", name: "flow.answered" },
  { kind: "category", name: "proto", valueType: "text", vocabulary: ["tcp", "udp"] },
  { kind: "category", name: "port", valueType: "number", vocabulary: ["53", "80"] },
];

const of = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const mostly = (usual: fc.Arbitrary<string>, ...others: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 60, arbitrary: usual }, { weight: 1, arbitrary: of(...others) });

const second = fc.integer({ min: 0, max: 400 }).map((seconds) => 1_740_960_000 + seconds);
/** How times are written, one way a table. */
const TIMES = of(
  mostly(
    fc.tuple(second, of("", ".25", ".123456")).map(([whole, rest]) => `${whole}${rest}`),
    ...["null", "0", "1.74096e9", '"1740960000"'],
  ),
  mostly(
    fc
      .tuple(second, of("", ".5", ".123456"), of("", "Z", "+0000", "-01:00"))
      .map(([whole, rest, zone]) => `"${new Date(whole * 1000).toISOString().slice(0, 19)}${rest}${zone}"`),
    ...["null", "1740960000", '"2025-03-03T00:00:00.1234567Z"'],
  ),
);
const address = of('"10.0.0.1"', '"10.0.0.2"', '"fe80::1"');

/** A field a name, as JSON; undefined where it is not there. */
const recordOf = (time: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .record({
      ts: time,
      src: mostly(address, "null", '"-"', '"\\u0031"', "12"),
      dst: mostly(address, '""', '"é"'),
      port: mostly(of("53", "80", "443"), '"80"', "80.0", "9007199254740993"),
      proto: mostly(of('"tcp"', '"udp"'), "null", '"tc\\u0070"', '"é"', "6", "true"),
      sent: mostly(of("0", "250", "70.5", "1e3"), '"7"', "null", "NaN", '"x"'),
      flow: mostly(of('{"answered":0}', '{"answered":99,"age":1}', '{ "answered" : 5 }'), "{}", "null"),
      extra: mostly(of("[1,2]", '"a"', '{"b":[]}', "-0"), '"\\ud83d"', "tru"),
    })
    .map((fields) => {
      const pairs = Object.entries(fields).map(([name, value]) => `"${name}":${value}`);
      return `{${pairs.join(",")}}`;
    });
const line = (time: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 90, arbitrary: recordOf(time) },
    {
      weight: 4,
      arbitrary: of(
        "",
        " ",
        '{"event_type":"dns","timestamp":"2025-01-01T00:00:00Z","flow_id":1}',
        '{"_path":"dns","ts":1,"id.orig_h":"10.0.0.1"}',
      ),
    },
    {
      weight: 1,
      arbitrary: of('{"ts":1740960000,"score":1}', '{"score.a":2,"sent":1}', "{}", "[]", '{"a":1}{"b":2}'),
    },
  );

const WITH_OTHER_RECORDS = {
  lines: [
    '{"ts":1740960000,"src":"10.0.0.1","dst":"10.0.0.2","port":53,"proto":"udp","sent":1,"flow":{"answered":0}}',
    '{"event_type":"dns","timestamp":"2025-01-01T00:00:00Z","flow_id":1}',
    '{"ts":1740960001,"src":"10.0.0.1","dst":"10.0.0.2","port":80,"proto":"tcp","sent":2,"flow":{"answered":9}}',
  ],
  lineEnd: "\n" as const,
  isEnded: true,
  cuts: [0.5],
  context: SPEC,
  name: "flows.ndjson" as const,
  scores: [1],
};

interface Scored {
  readonly columns: readonly (readonly number[])[];
  readonly written: string;
  readonly reading: FileReading;
}

const bitsOf = (values: Float32Array): number[] => [...new Uint32Array(values.slice().buffer)];

async function asTable(
  path: string,
  context: ContextSpec | undefined,
  scored: (rows: number) => ScoredRows,
): Promise<Scored | undefined> {
  const table = await openTable(path).catch(() => undefined);
  if (table === undefined) return undefined;
  try {
    await checkColumns(table, CODINGS, context);
    const columns = (await collect(table.scan(CODINGS, { context }))).map(bitsOf);
    const out = folder.at("as-table.ndjson");
    const writer = await createScoredTableWriter(table, { path: out, columns: "all", keyColumns: [] });
    if (writer.replaced.length > 0) {
      await writer.abort();
      return undefined;
    }
    await writer.write(scored(table.rows));
    await writer.finish();
    return { columns, written: readFileSync(out, "utf8"), reading: table.readings[0] as FileReading };
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
  context: ContextSpec | undefined,
  scored: (rows: number) => ScoredRows,
): Promise<Scored | undefined> {
  const at = folder.at("counted");
  rmSync(at, { recursive: true, force: true });
  mkdirSync(at);
  const out = folder.at("by-shards.ndjson");
  const writer = await createTextShardsWriter(table, out);
  try {
    const inputs = [];
    const counted = [];
    if (context !== undefined) {
      const options = { spec: context, hashKey: [1, 2], path: `${at}/inputs` } as const;
      for (const shard of shards) inputs.push(await readTextInputs(shard, options));
      const runs = inputs.map(({ run }) => run);
      for (const slice of textSlices(inputs, context, { folder: at, processes: 2 }))
        counted.push(await countRuns(runs, context, slice, new AbortController().signal));
    }
    const width = context === undefined ? 0 : contextColumns(context).length;
    const all = CODINGS.length + width;
    const needed = [...CODINGS.map(({ name }) => name), ...(context ? ["ts", "src", "dst"] : [])];
    const rows: Float32Array[] = [];
    const notes = [];
    for (const [k, shard] of shards.entries()) {
      const own = inputs[k] && {
        rows: inputs[k].rows,
        width,
        counted: counted.flatMap((blocks) => blocks[k] ?? []),
      };
      const reader = new JsonShardReader(shard, CODINGS, needed, own);
      const lines = new JsonShardWriter(writer.place(k));
      try {
        for (const block of reader.blocks(7)) {
          const first = rows.length;
          for (let place = 0; place < block.flows.length; place += all)
            rows.push(block.flows.slice(place, place + all));
          const { score, isAnomaly, rarity } = scored(rows.length);
          lines.write(block, {
            score: score.subarray(first),
            isAnomaly: isAnomaly.subarray(first),
            rarity: rarity.subarray(first),
          });
        }
        notes.push(reader.notes);
      } finally {
        lines.close();
      }
      await writer.append(k);
    }
    const reading = table.reading(notes);
    await writer.finish();
    const columns = Array.from({ length: all }, (_, column) =>
      bitsOf(Float32Array.from(rows, (row) => row[column] as number)),
    );
    return { columns, written: readFileSync(out, "utf8"), reading };
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(NotPlainText);
    return undefined;
  } finally {
    await writer.abort();
  }
}

test("shards of JSON lines, cut anywhere, are encoded, counted and written as the whole table is, or left to be read as one", async () => {
  const files = TIMES.chain((time) =>
    fc.record({
      lines: fc.array(line(time), { minLength: 1, maxLength: 40 }),
      lineEnd: fc.oneof({ weight: 6, arbitrary: fc.constant("\n") }, fc.constant("\r\n")),
      isEnded: fc.boolean(),
      cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
      context: of(SPEC, SPEC, undefined),
      name: of("flows.ndjson", "flows.json"),
      scores: fc.array(
        fc.oneof(fc.float({ min: 0, max: 30, noNaN: true }), fc.constantFrom(0, 1, Math.fround(1e-7), 1e6)),
        { minLength: 40, maxLength: 40 },
      ),
    }),
  );
  const seen = { alike: 0, leftOut: 0, withContext: 0 };
  const holds = fc.asyncProperty(files, async ({ lines, lineEnd, isEnded, cuts, context, name, scores }) => {
    const path = folder.write(name, lines.join(lineEnd) + (isEnded ? lineEnd : ""));
    const scored = (count: number): ScoredRows => ({
      score: Float32Array.from({ length: count }, (_, i) => scores[i % scores.length] as number),
      isAnomaly: Uint8Array.from({ length: count }, (_, i) => i % 2),
      rarity: Float64Array.from({ length: count }, (_, i) => scores[(i + 7) % scores.length] as number),
    });
    const table = await openJsonTable(path, { from: undefined, out: "out.ndjson", processes: 2 });
    const [shard] = table?.shards ?? [];
    if (table === undefined || shard === undefined) return;
    const ends = cuts.map((cut) => 1 + Math.floor(cut * (shard.until - 1))).sort((a, b) => a - b);
    const shards = [0, ...ends].map((from, k) => ({ ...shard, from, until: ends[k] ?? shard.until }));
    const found = await byShards(table, shards, context, scored);
    if (found === undefined) return;
    seen.alike++;
    seen.leftOut += Number(found.reading.leftOut.size > 0);
    seen.withContext += Number(context !== undefined);
    expect(found).toEqual(await asTable(path, context, scored));
  });
  // Chance alone leaves out, now and then, a file with records that are none.
  await fc.assert(holds, { numRuns: 35, examples: [[WITH_OTHER_RECORDS]] });
  // It is for the files that there usually are.
  expect(seen.alike).toBeGreaterThan(0);
  expect(seen.leftOut).toBeGreaterThan(0);
  expect(seen.withContext).toBeGreaterThan(0);
});

test("what a JSON file was taken for hangs on all of its flows, and on no record that is none", async () => {
  const event = '{"event_type":"dns","timestamp":"2025-01-01T00:00:00Z","flow_id":1,"sent":2}';
  const flow = '{"event_type":"flow","timestamp":"2025-01-01T00:00:00Z","flow_id":1,"sent":2}';
  const path = folder.write("events.json", `${event}\n${flow}\n${event}\n`);
  const table = await openJsonTable(path, { from: undefined, out: "out.ndjson", processes: 1 });
  const reader = new JsonShardReader(
    table?.shards[0] as TextShard,
    [{ kind: "number", name: "sent" }],
    ["sent"],
  );
  expect([...reader.blocks(8)]).toHaveLength(1);
  expect((table as TextTable).reading([reader.notes])).toEqual({
    path,
    takenFor: "Suricata flow events",
    leftOut: new Map([["records with the event_type dns", 2]]),
  });
  expect(await openJsonTable(path, { from: undefined, out: "out.parquet", processes: 1 })).toBeUndefined();
});
