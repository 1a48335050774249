import { type ContextColumn, type ContextSpec, contextColumns } from "@oddflow/preprocessing";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  checkColumns,
  contextSlices,
  countContext,
  decideContext,
  openTable,
  type RowRange,
} from "../src/index.ts";
import { collect, makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();

const SPEC: ContextSpec = {
  windows: [60, 600],
  time: "ts",
  source: ["src_ip"],
  destination: ["dst_ip"],
  port: "dst_port",
  protocol: "proto",
  bytes: ["sent", "received"],
  packets: ["packets"],
  failed: { unanswered: "received" },
  network: "site",
  calendar: true,
};

interface Flow {
  readonly ts: number | null;
  readonly src_ip: string | null;
  readonly dst_ip: string;
  readonly dst_port: number | null;
  readonly proto: string;
  readonly sent: number | null;
  readonly received: number;
  readonly packets: number;
  readonly site: string | null;
}

/** Flows of an hour, to the second or finer, so that many share a time; a few lack what others have. */
const flow: fc.Arbitrary<Flow> = fc.record({
  ts: fc.oneof(
    { weight: 8, arbitrary: fc.nat(3600).map((second) => 1_700_000_000 + second) },
    { weight: 4, arbitrary: fc.nat(3_600_000).map((millisecond) => 1_700_000_000 + millisecond / 1000) },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
  src_ip: fc.constantFrom("10.0.0.1", "10.0.0.2", "::1", "-", null),
  dst_ip: fc.constantFrom("10.0.1.1", "10.0.1.2", "fe80::1"),
  dst_port: fc.constantFrom(80, 443, null),
  proto: fc.constantFrom("tcp", "udp"),
  sent: fc.option(fc.nat(1000)),
  received: fc.nat(3),
  packets: fc.nat(9),
  site: fc.constantFrom("a", "b", null),
});

/** The flow's values, as SQL of a row. */
function rowSql(values: Flow, place: number): string {
  const cells = Object.values(values).map((value) =>
    value === null ? "NULL" : typeof value === "string" ? `'${value}'` : String(value),
  );
  return `(${[place, ...cells].join(", ")})`;
}

/** Another reading of what context is: every flow joined with those before it, by the database alone. */
function contextSql(rows: string, columns: readonly ContextColumn[]): string {
  const sql = (column: ContextColumn): string => {
    const { key, measure, window } = column;
    const near = `j.us > i.us - ${window * 1e6}`;
    const same = {
      source: "j.source = i.source",
      destination: "j.destination = i.destination",
      pair: "j.source = i.source AND j.destination = i.destination",
      port: "j.port = i.port",
      calendar: "true",
    }[key];
    const where = `FILTER (${near} AND ${same})`;
    switch (measure) {
      case "flows":
        return `count(*) ${where}`;
      case "bytes":
        return `coalesce(sum(j.bytes) ${where}, 0)`;
      case "packets":
        return `coalesce(sum(j.packets) ${where}, 0)`;
      case "peers":
        return `count(DISTINCT ${key === "source" ? "j.destination" : "j.source"}) ${where}`;
      case "ports":
        return `count(DISTINCT j.port) ${where}`;
      case "failed":
        return `coalesce(sum((j.received = 0)::INTEGER) ${where} / nullif(count(*) ${where}, 0), 0)`;
      case "since":
        return `coalesce((i.us - max(j.us) ${where}) / 1e6, ${window})`;
      case "hour":
        return "(extract(isodow FROM make_timestamp(i.us)) - 1) * 24 + extract(hour FROM make_timestamp(i.us))";
      case "regularity":
        return `list_sort(list_append(coalesce(list(j.us) ${where}, []), i.us))`;
    }
  };
  const keyed =
    `SELECT *, round(ts * 1e6)::BIGINT AS us, coalesce(sent, 0) + received AS bytes, coalesce(site, '') || ' ' AS net, ` +
    `net || nullif(src_ip, '-') AS source, net || dst_ip AS destination, ` +
    `net || coalesce(dst_port::VARCHAR, '') || proto AS port FROM (VALUES ${rows}) ` +
    `t(place, ts, src_ip, dst_ip, dst_port, proto, sent, received, packets, site)`;
  const counted = columns.map((column, k) => `${sql(column)} AS c${k}`).join(", ");
  const joined =
    `SELECT i.place, i.us IS NULL OR i.source IS NULL AS alone, ${counted} FROM f i LEFT JOIN f j ` +
    "ON j.source IS NOT NULL AND j.us > i.us - 600000000 AND (j.us < i.us OR (j.us = i.us AND j.place < i.place)) " +
    "GROUP BY i.place, i.us, i.source, i.destination, i.port";
  const values = columns.map(({ measure }, k) => {
    const value = measure === "regularity" ? regularitySql(`c${k}`) : `c${k}`;
    return `CASE WHEN alone THEN 'nan'::DOUBLE ELSE ${value} END::FLOAT`;
  });
  return `WITH f AS (${keyed}), g AS (${joined}) SELECT ${values.join(", ")} FROM g ORDER BY place`;
}

/** The coefficient of variation of the intervals between times, in whole milliseconds. */
function regularitySql(times: string): string {
  const gaps = `list_transform(range(2, len(${times}) + 1), lambda k: (${times}[k] - ${times}[k - 1]) // 1000)`;
  const sum = `list_sum(${gaps})::DOUBLE`;
  const squares = `list_sum(list_transform(${gaps}, lambda gap: gap * gap))::DOUBLE`;
  return (
    `CASE WHEN len(${times}) < 4 THEN 1 WHEN ${sum} = 0 THEN 0 ` +
    `ELSE sqrt((len(${times}) - 1) * ${squares} - ${sum} * ${sum}) / ${sum} END`
  );
}

const CODINGS = [{ kind: "number", name: "packets" }] as const;

async function contextOf(path: string, spec: ContextSpec): Promise<number[][]> {
  const table = await openTable(path);
  try {
    const [packets, ...context] = await collect(table.scan(CODINGS, { context: spec }));
    expect(packets).toHaveLength(table.rows);
    return Array.from({ length: table.rows }, (_, row) => context.map((column) => column[row] ?? Number.NaN));
  } finally {
    table.close();
  }
}

async function writeFlows(flows: readonly Flow[], name: string): Promise<string> {
  const rows = flows.map(rowSql).join(", ");
  const columns = Object.keys(flows[0] ?? {}).join(", ");
  return folder.copy(`SELECT ${columns} FROM (VALUES ${rows}) t(place, ${columns}) ORDER BY place`, name);
}

test.each(["parquet", "csv", "ndjson"])(
  "what a scan counts, flow by flow, is what the database counts by joining a table with itself: %s",
  async (format) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(flow, { minLength: 1, maxLength: 120 }),
        fc.boolean(),
        async (flows, isSorted) => {
          const sorted = isSorted ? flows.toSorted((a, b) => (a.ts ?? 0) - (b.ts ?? 0)) : flows;
          const path = await writeFlows(sorted, `flows.${format}`);
          const columns = contextColumns(SPEC);
          const expected = await folder.sql(contextSql(sorted.map(rowSql).join(", "), columns));
          expect(await contextOf(path, SPEC)).toEqual(expected);
        },
      ),
      { numRuns: 6 },
    );
  },
);

test("thousands of flows have the same context in the order of their times and in any other", async () => {
  const flows =
    "SELECT 1700000000 + i * 0.05 AS ts, '10.0.0.' || hash(i) % 50 AS src_ip, '10.1.0.' || hash(i, 1) % 90 AS dst_ip, " +
    "hash(i, 2) % 5 AS dst_port, 'tcp' AS proto, i % 1000 AS sent, i % 3 AS received, i % 7 AS packets, 'a' AS site, i AS place " +
    "FROM range(20000) t(i)";
  // Several row groups, which several threads read.
  const copy = (order: string, name: string): Promise<string> =>
    folder.copy(`${flows} ORDER BY ${order}`, name, "FORMAT parquet, ROW_GROUP_SIZE 2048");
  const inTime = await copy("i", "sorted.parquet");
  const sorted = await contextOf(inTime, SPEC);
  const shuffled = await contextOf(await copy("hash(i, 7)", "shuffled.parquet"), SPEC);
  for (let again = 0; again < 3; again++) expect(await contextOf(inTime, SPEC)).toEqual(sorted);
  const places = (await folder.sql(`SELECT place FROM '${folder.at("shuffled.parquet")}'`)).map(([place]) =>
    Number(place),
  );
  expect(shuffled).toEqual(places.map((place) => sorted[place]));
  expect(Math.max(...sorted.map((row) => row[0] ?? 0))).toBeGreaterThan(20);
});

test("counted by stretches of time and read by ranges of rows, it is what one scan of all rows gives", async () => {
  const cut = fc.record({
    flows: fc.array(flow, { minLength: 1, maxLength: 120 }),
    rowsPerRange: fc.integer({ min: 1, max: 60 }),
    processes: fc.integer({ min: 1, max: 5 }),
    window: fc.constantFrom(10, 600),
  });
  await fc.assert(
    fc.asyncProperty(cut, async ({ flows, rowsPerRange, processes, window }) => {
      const spec = { ...SPEC, windows: [5, window] };
      const path = await writeFlows(flows, "cut.parquet");
      const table = await openTable(path);
      const ranges: RowRange[] = [];
      for (let first = 0; first < flows.length; first += rowsPerRange) {
        const rows = Math.min(rowsPerRange, flows.length - first);
        ranges.push({ file: 0, first, rows, rowGroups: [rows] });
      }
      const slices = await contextSlices(table, spec, ranges, processes);
      expect(slices.length).toBeLessThanOrEqual(processes);
      const unended = new AbortController().signal;
      const counted = await Promise.all(slices.map((slice) => countContext(table, spec, slice, unended)));
      const rows: number[][] = [];
      for (const [k, range] of ranges.entries()) {
        const ofRange = counted.flatMap((blocks) => blocks[k] ?? []);
        const [, ...columns] = await collect(table.scan(CODINGS, { context: spec, range, counted: ofRange }));
        for (let row = 0; row < range.rows; row++)
          rows.push(columns.map((column) => column[row] ?? Number.NaN));
      }
      expect(rows).toEqual(await contextOf(path, spec));
      table.close();
    }),
    { numRuns: 12 },
  );
});

test("flows that are spread over time are counted by as many processes as there are; those of one window by one", async () => {
  const spread = (seconds: number): Promise<string> =>
    folder.copy(
      `SELECT 1700000000 + i * ${seconds} AS ts, 'a' AS src_ip, 'b' AS dst_ip, 1 AS dst_port, 'tcp' AS proto, 0 AS sent, ` +
        "0 AS received, 0 AS packets, 'a' AS site FROM range(5000) t(i)",
      `spread-${seconds}.parquet`,
    );
  const range = { file: 0, first: 0, rows: 5000, rowGroups: [5000] };
  for (const [seconds, expected] of [
    [60, 4],
    [0.01, 1],
  ] as const) {
    const table = await openTable(await spread(seconds));
    expect(await contextSlices(table, SPEC, [range], 4)).toHaveLength(expected);
    table.close();
  }
});

test("counting that is given up ends with the reason, wherever it is", async () => {
  const path = await folder.copy(
    "SELECT 1700000000 + hash(i) % 9000 AS ts, hash(i, 1) % 500 || '' AS src_ip, hash(i, 2) % 500 || '' AS dst_ip, 1 AS dst_port, " +
      "'tcp' AS proto, 0 AS sent, 0 AS received, 0 AS packets, 'a' AS site FROM range(200000) t(i)",
    "given-up.parquet",
  );
  const table = await openTable(path, { threads: 1 });
  const range = { file: 0, first: 0, rows: 200_000, rowGroups: [200_000] };
  const [slice] = await contextSlices(table, SPEC, [range], 1);
  if (slice === undefined) throw new Error("no slice");
  const reason = new Error("given up");
  let givenUp = 0;
  for (let trial = 0; trial < 24; trial++) {
    const ending = new AbortController();
    const counting = countContext(
      table,
      SPEC,
      { ...slice, path: folder.at(`given-up-${trial}`) },
      ending.signal,
    );
    setTimeout(() => ending.abort(reason), 4 * trial);
    const ended = await counting.then(
      () => "counted",
      (thrown: unknown) => thrown,
    );
    // The last may be done before they are told.
    if (ended !== "counted") expect(ended).toBe(reason);
    if (ended === reason) givenUp++;
  }
  expect(givenUp).toBeGreaterThan(3);
  table.close();
});

test("a scan leaves out the columns of a context that are none of the model's", async () => {
  const path = await writeFlows(fc.sample(flow, { numRuns: 40, seed: 1 }), "some.parquet");
  const names = contextColumns(SPEC).map(({ name }) => name);
  const leftOut = ["context.source.60s.bytes", "context.pair.since"];
  const all = await contextOf(path, SPEC);
  expect(await contextOf(path, { ...SPEC, leftOut })).toEqual(
    all.map((row) => row.filter((_, k) => !leftOut.includes(names[k] ?? ""))),
  );
});

test("what a context is counted from must be there, and hold numbers where they are added up", async () => {
  const path = await writeFlows(fc.sample(flow, { numRuns: 5, seed: 1 }), "short.csv");
  const table = await openTable(path);
  const refused = (context: ContextSpec): Promise<void> =>
    expect(checkColumns(table, CODINGS, context)).rejects.toMatchObject({
      code: expect.stringMatching(/COLUMNS_MISSING|COLUMN_TYPE/),
      message: expect.stringContaining(context === WITHOUT_TIME ? "when" : "proto"),
    });
  await checkColumns(table, CODINGS, SPEC);
  await refused(WITHOUT_TIME);
  await refused({ ...SPEC, bytes: ["proto"] });
  table.close();
});

const WITHOUT_TIME: ContextSpec = { ...SPEC, time: "when" };

test("scores may be held against the hour of the week where a table has two weeks of flows, strays aside", async () => {
  const first = 1_767_571_200;
  const calendarOf = async (days: readonly number[], calendar = true): Promise<true | undefined> => {
    const times = days.flatMap((day) => [0, 5, 23.9].map((hour) => first + day * 86_400 + hour * 3600 + 1));
    const rows = times.map((ts) => `(${ts}::DOUBLE, '10.0.0.1', '10.0.0.2')`).join(", ");
    const query = `SELECT * FROM (VALUES ${rows}) t(ts, src_ip, dst_ip)`;
    const table = await openTable(await folder.copy(query, "weeks.parquet"));
    const decision = await decideContext(table, { calendar }).finally(() => table.close());
    return "spec" in decision ? decision.spec.calendar : undefined;
  };
  const days = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, k) => from + k);
  expect(await calendarOf(days(0, 14))).toBe(true);
  expect(await calendarOf(days(0, 14), false)).toBeUndefined();
  expect(await calendarOf(days(0, 13))).toBeUndefined();
  // Workdays alone, in three weeks; two days, and one a month later; a week with a stray.
  expect(await calendarOf([...days(0, 5), ...days(7, 12), ...days(14, 19)])).toBe(true);
  expect(await calendarOf([0, 1, 27])).toBeUndefined();
  expect(await calendarOf([...days(0, 7), 4000])).toBeUndefined();
});

test("a table's context is found by the names of its columns", async () => {
  const decided = async (query: string, network?: string) => {
    const table = await openTable(await folder.copy(query, "names.parquet"));
    return decideContext(table, { network }).finally(() => table.close());
  };
  expect(
    await decided(
      `SELECT 1.5 AS ts, '::1' AS "id.orig_h", 5 AS "id.orig_p", '::2' AS "id.resp_h", 6 AS "id.resp_p", 'tcp' AS proto, ` +
        `1 AS orig_bytes, 2 AS resp_bytes, 3 AS orig_pkts, 4 AS resp_pkts, 'S0' AS conn_state, 'a' AS capture`,
      "capture",
    ),
  ).toEqual({
    spec: {
      windows: [60, 600],
      time: "ts",
      source: ["id.orig_h"],
      destination: ["id.resp_h"],
      port: "id.resp_p",
      protocol: "proto",
      bytes: ["orig_bytes", "resp_bytes"],
      packets: ["orig_pkts", "resp_pkts"],
      failed: { column: "conn_state", values: ["S0", "REJ", "RSTOS0", "RSTRH", "SH", "SHR"] },
      network: "capture",
    },
  });
  expect(
    await decided(
      "SELECT 1 AS Stime, '::1' AS srcip, '::2' AS dstip, 53 AS dsport, 1 AS sbytes, 1 AS dbytes",
    ),
  ).toEqual({
    spec: {
      windows: [60, 600],
      time: "Stime",
      source: ["srcip"],
      destination: ["dstip"],
      port: "dsport",
      bytes: ["sbytes", "dbytes"],
      packets: [],
      failed: { unanswered: "dbytes" },
    },
  });
  expect(await decided("SELECT 1 AS ts, '::1' AS srcip")).toMatchObject({
    none: expect.stringContaining("addresses"),
  });
  expect(await decided("SELECT 1 AS dur, '::1' AS srcip, '::2' AS dstip")).toMatchObject({
    none: expect.stringContaining("times"),
  });
  await expect(decided("SELECT 1 AS ts, '::1' AS srcip, '::2' AS dstip", "site")).rejects.toMatchObject({
    code: "COLUMNS_MISSING",
  });
});

test("columns that cannot be read as times or amounts are no part of a context, and stop no training", async () => {
  const decided = async (query: string) => {
    const table = await openTable(await folder.copy(query, "odd.parquet"));
    return decideContext(table).finally(() => table.close());
  };
  const hosts = "'::1' AS srcip, '::2' AS dstip";
  expect(
    await decided(
      `SELECT CASE WHEN i = 7 THEN 'later' ELSE '2025-01-01T00:00:0' || i % 9 END AS ts, ${hosts} FROM range(20) t(i)`,
    ),
  ).toEqual({ none: 'column "ts" holds values that are no times' });
  expect(await decided(`SELECT DATE '2025-01-01' + i::INTEGER AS ts, ${hosts} FROM range(20) t(i)`)).toEqual({
    none: 'the times of column "ts" are to the hour, or coarser',
  });
  expect(
    await decided(
      `SELECT 1700000000 + i AS ts, ${hosts}, i || ' M' AS bytes, i AS packets FROM range(20) t(i)`,
    ),
  ).toMatchObject({ spec: { bytes: [], packets: ["packets"] } });
});
