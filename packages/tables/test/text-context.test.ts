import { mkdirSync, rmSync } from "node:fs";
import { type ColumnCoding, type ContextSpec, contextColumns } from "@oddflow/preprocessing";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  countRuns,
  NotPlainText,
  openTable,
  openTextTable,
  readTextInputs,
  type TextShard,
  TextShardReader,
  type TextTable,
  textSlices,
} from "../src/index.ts";
import { collect, makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();

const SPEC: ContextSpec = {
  windows: [5, 60],
  time: "ts",
  source: ["src", "src6"],
  destination: ["dst"],
  port: "port",
  protocol: "proto",
  bytes: ["sent", "answered"],
  packets: ["packets"],
  failed: { unanswered: "answered" },
  network: "net",
};

const BY_STATE: ContextSpec = {
  ...SPEC,
  source: ["src"],
  failed: { column: "proto", values: ["icmp"] },
};

const NAMES = ["ts", "src", "src6", "dst", "port", "proto", "sent", "answered", "packets", "net"] as const;
const CODINGS: readonly ColumnCoding[] = [
  { kind: "number", name: "sent" },
  { kind: "category", name: "proto", valueType: "text", vocabulary: ["tcp", "udp"] },
];

const of = (...values: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...values);
/** Mostly what is usual, now and then something else. */
const mostly = (usual: fc.Arbitrary<string>, ...others: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 40, arbitrary: usual }, { weight: 1, arbitrary: of(...others) });

const second = fc.integer({ min: 0, max: 400 }).map((seconds) => 1_740_960_000 + seconds);
const fraction = of("", "", ".5", ".25", ".123456", ".000001");
/** How times are written, one way a table: in seconds, thousandths of them, texts. */
const TIMES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  seconds: mostly(
    fc.tuple(second, fraction).map(([whole, rest]) => `${whole}${rest}`),
    ...["", "0", "-", "nan", "1.74096e9", "1740960000123"],
  ),
  thousandths: mostly(
    second.map((whole) => `${whole}250`),
    ...["", "0", "1740960000"],
  ),
  texts: mostly(
    fc
      .tuple(second, fraction, of(" ", "T"), of("", "", "Z", "+01:00"))
      .map(([whole, rest, between, zone]) => {
        const [day, clock = ""] = new Date(whole * 1000).toISOString().split("T");
        return `${day}${between}${clock.slice(0, 8)}${rest}${zone}`;
      }),
    ...["", "2025-03-03", "2025-03-03 00:01", "2025-02-30T00:00:00", "2025-03-03 00:01:02.1234567"],
  ),
};

const address = of("10.0.0.1", "10.0.0.2", "10.0.0.3", "fe80::1");
const rowOf = (time: fc.Arbitrary<string>): fc.Arbitrary<readonly string[]> =>
  fc.tuple(
    time,
    mostly(address, "", "-", "NA", "é", '"10.0.0.1"'),
    of("", "", "fe80::2"),
    mostly(address, "", "none"),
    mostly(of("53", "80", "443"), "", "080", "http"),
    mostly(of("tcp", "udp", "icmp"), "", '"tcp"', "t\\x63p"),
    mostly(of("0", "1", "250", "70.5", "1e3"), "", "inf"),
    mostly(of("0", "0", "99"), ""),
    of("1", "2"),
    of("", "a", "b"),
  );

const FORMS = {
  CSV: { ending: "csv", delimiter: ",", start: `${NAMES.join(",")}\n` },
  "tab-separated text": { ending: "tsv", delimiter: "\t", start: `${NAMES.join("\t")}\n` },
  "a Zeek log": {
    ending: "log",
    delimiter: "\t",
    start:
      `#separator \\x09\n#unset_field\t(unset)\n#fields\t${NAMES.join("\t")}\n` +
      "#types\tstring\tstring\tstring\taddr\tport\tenum\tdouble\tcount\tcount\tstring\n",
  },
};

/** Its times reach over more than the longest window. */
const CUT_BY_TIME = {
  rows: Array.from({ length: 40 }, (_, k) =>
    `${1_740_960_000 + 10 * k} 10.0.0.1  10.0.0.2 53 tcp 250 0 1 a`.split(" "),
  ),
  isInOrder: true,
  cuts: [0.2, 0.4, 0.6, 0.8],
  processes: 2 as const,
  spec: SPEC,
};

interface Encoded {
  readonly rows: number;
  /** A column each, its bits: NaN equals itself. */
  readonly columns: readonly (readonly number[])[];
}

/** What a table's scan gives; undefined where it is refused. */
async function asTable(path: string, spec: ContextSpec): Promise<Encoded | undefined> {
  const table = await openTable(path).catch(() => undefined);
  if (table === undefined) return undefined;
  try {
    const columns = await collect(table.scan(CODINGS, { context: spec }));
    return { rows: table.rows, columns: columns.map(bitsOf) };
  } catch {
    return undefined;
  } finally {
    table.close();
  }
}

const bitsOf = (values: Float32Array): number[] => [...new Uint32Array(values.slice().buffer)];

/** The same by shards and slices of time; undefined where they find that they cannot tell. */
async function byShards(
  shards: readonly TextShard[],
  spec: ContextSpec,
  processes: number,
): Promise<(Encoded & { readonly slices: number }) | undefined> {
  const at = folder.at("counted");
  rmSync(at, { recursive: true, force: true });
  mkdirSync(at);
  try {
    const inputs = [];
    for (const [k, shard] of shards.entries()) {
      const path = `${at}/inputs-${k % processes}`;
      inputs.push(await readTextInputs(shard, { spec, hashKey: [1, 2], path }));
    }
    const runs = inputs.map(({ run }) => run);
    const slices = textSlices(inputs, spec, { folder: at, processes });
    const counted = [];
    for (const slice of slices)
      counted.push(await countRuns(runs, spec, slice, new AbortController().signal));
    const width = contextColumns(spec).length;
    const rows: Float32Array[] = [];
    for (const [k, shard] of shards.entries()) {
      const context = {
        rows: inputs[k]?.rows ?? 0,
        width,
        counted: counted.flatMap((blocks) => blocks[k] ?? []),
      };
      const all = CODINGS.length + width;
      for (const { flows } of new TextShardReader(shard, CODINGS, context).blocks(7)) {
        for (let first = 0; first < flows.length; first += all) rows.push(flows.slice(first, first + all));
      }
    }
    const columns = Array.from({ length: CODINGS.length + width }, (_, column) =>
      bitsOf(Float32Array.from(rows, (row) => row[column] as number)),
    );
    return { rows: rows.length, columns, slices: slices.length };
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(NotPlainText);
    return undefined;
  }
}

function cutInto({ shards }: TextTable, cuts: readonly number[]): readonly TextShard[] {
  const [shard] = shards;
  if (shard === undefined) return [];
  const { from, until } = shard;
  const ends = cuts
    .map((cut) => Math.min(until, from + 1 + Math.floor(cut * (until - from))))
    .sort((a, b) => a - b);
  return [from, ...ends].map((own, k) => ({ ...shard, from: own, until: ends[k] ?? until }));
}

test.each(Object.entries(FORMS))(
  "the context of %s, read in shards that are cut anywhere and counted by slices of time, is that of the whole table",
  async (_, { ending, delimiter, start }) => {
    const table = fc.constantFrom(...Object.values(TIMES)).chain((time) =>
      fc.record({
        rows: fc.array(rowOf(time), { minLength: 1, maxLength: 60 }),
        isInOrder: fc.boolean(),
        cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }),
        processes: fc.constantFrom(1, 2, 3),
        spec: fc.constantFrom(SPEC, BY_STATE),
      }),
    );
    const seen = { alike: 0, slices: 0, unordered: 0 };
    const holds = fc.asyncProperty(table, async ({ rows, isInOrder, cuts, processes, spec }) => {
      const ordered = isInOrder ? rows.toSorted((a, b) => Number(a[0]) - Number(b[0])) : rows;
      const text = `${start}${ordered.map((cells) => cells.join(delimiter)).join("\n")}\n`;
      const path = folder.write(`flows.${ending}`, text);
      const opened = await openTextTable(path, { from: undefined, out: `out.${ending}`, processes: 2 });
      if (opened === undefined) return;
      const found = await byShards(cutInto(opened, cuts), spec, processes);
      if (found === undefined) return;
      const { slices, ...encoded } = found;
      seen.alike++;
      seen.slices += Number(slices > 1);
      seen.unordered += Number(!isInOrder);
      expect(encoded).toEqual(await asTable(path, spec));
    });
    // Chance alone leaves out, now and then, a table that is cut by time.
    await fc.assert(holds, { numRuns: 16, examples: [[CUT_BY_TIME]] });
    // It is for the files that there usually are.
    expect(seen.alike).toBeGreaterThan(0);
    expect(seen.slices).toBeGreaterThan(0);
    expect(seen.unordered).toBeGreaterThan(0);
  },
);
