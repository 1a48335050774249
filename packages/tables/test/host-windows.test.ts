import fc from "fast-check";
import { expect, test } from "vitest";
import { openTable, readHostWindows } from "../src/index.ts";
import { makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();

interface Flow {
  readonly src: string | null;
  readonly dst: string | null;
  /** Seconds after the first of January 2026; none, or one of no calendar, is in no window. */
  readonly after: number | null;
  readonly p: number;
  readonly odd: boolean;
  readonly net: string | null;
  /** What a rule said of its alarm. */
  readonly verdict: string | null;
}

const FIRST = 1_767_225_600;
const NEVER = 1e300;

const flow: fc.Arbitrary<Flow> = fc.record({
  src: fc.constantFrom("10.0.0.1", "10.0.0.2", "fe80::1", null),
  dst: fc.constantFrom("10.0.0.9", "it's", null),
  after: fc.option(
    fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 0, max: 20_000 }) },
      { weight: 1, arbitrary: fc.constant(NEVER) },
    ),
    { freq: 8 },
  ),
  p: fc.constantFrom(1, 0.5, 0.25, 0.01, 0.001, 1e-7, 0),
  odd: fc.boolean(),
  net: fc.constantFrom("a", "b", null),
  verdict: fc.constantFrom("benign", "wrong", "escalate", null, null, null),
});

const LEAST = 1e-6;

/** What a window comes to, by its definition; left out are flows without a host or a time. */
function byHand(
  flows: readonly Flow[],
  host: (flow: Flow) => string | null,
  seconds: number,
  network: boolean,
): Map<string, readonly number[]> {
  const found = new Map<string, [number, number, number, number]>();
  for (const own of flows) {
    const name = host(own);
    if (name === null || own.after === null || own.after === NEVER) continue;
    const start = Math.floor((FIRST + own.after) / seconds) * seconds;
    const key = JSON.stringify([name, network ? own.net : null, start]);
    const sums = found.get(key) ?? [0, 0, 0, 1];
    const isSuppressed = own.verdict === "benign" || own.verdict === "wrong";
    const p = isSuppressed ? 1 : Math.max(LEAST, own.p);
    sums[0]++;
    sums[1] += own.odd ? 1 : 0;
    sums[2] += 1 / p;
    sums[3] = Math.min(sums[3], p);
    found.set(key, sums);
  }
  return found;
}

interface Entity {
  readonly entity: readonly (readonly string[])[];
  readonly host: (flow: Flow) => string | null;
}

const ENTITIES: readonly Entity[] = [
  { entity: [["src"]], host: ({ src }) => src },
  { entity: [["dst", "src"]], host: ({ src, dst }) => dst ?? src },
  {
    entity: [["src"], ["dst"]],
    host: ({ src, dst }) => (src === null || dst === null ? null : `${src} > ${dst}`),
  },
];

/** No more than one of three times is possible. */
const HARDLY_TIMED: readonly Flow[] = [0, 1].map(() => ({
  src: "10.0.0.1",
  dst: "10.0.0.9",
  after: NEVER,
  p: 1,
  odd: false,
  net: "a",
  verdict: null,
}));

/** Ways to write the time. */
const TIMES: readonly ((after: number) => unknown)[] = [
  (after) => FIRST + after,
  (after) => 1000 * (FIRST + after),
  (after) => (after === NEVER ? null : new Date(1000 * (FIRST + after)).toISOString()),
];

test("host windows sum up a scored table's flows, whatever it is written in", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(flow, { minLength: 1, maxLength: 40 }),
      fc.constantFrom(...ENTITIES),
      fc.constantFrom(60, 3600, 86_400),
      fc.boolean(),
      fc.nat(TIMES.length - 1),
      fc.constantFrom("ndjson", "csv", "parquet"),
      async (drawn, { entity, host }, seconds, network, form, format) => {
        // One flow at least has all, so that columns have types.
        const flows: Flow[] = [
          ...drawn,
          { src: "10.0.0.1", dst: "10.0.0.9", after: 0, p: 1, odd: false, net: "a", verdict: "escalate" },
        ];
        const time = TIMES[form] as (typeof TIMES)[number];
        const lines = flows.map(({ src, dst, after, p, odd, net, verdict }) => {
          const stime = after === null ? null : time(after);
          return JSON.stringify({
            stime,
            src,
            dst,
            net,
            score: 1 - p,
            is_anomaly: odd,
            probability: p,
            alarm_verdict: verdict,
          });
        });
        let path = folder.write("flows.ndjson", `${lines.join("\n")}\n`);
        if (format !== "ndjson")
          path = await folder.copy(`SELECT * FROM read_json('${path}')`, `flows.${format}`);
        const table = await openTable(path);
        try {
          const { windows, leftOut } = await readHostWindows(table, {
            entity,
            network: network ? "net" : undefined,
            time: "stime",
            seconds,
            leastProbability: LEAST,
          });
          const expected = byHand(flows, host, seconds, network);
          expect(windows.map((own) => JSON.stringify([own.host, own.network, own.start])).sort()).toEqual(
            [...expected.keys()].sort(),
          );
          expect(leftOut).toBe(flows.length - windows.reduce((sum, own) => sum + own.flows, 0));
          for (const own of windows) {
            const sums = expected.get(JSON.stringify([own.host, own.network, own.start])) ?? [];
            expect([own.flows, own.alarms]).toEqual(sums.slice(0, 2));
            expect(own.inverseSum).toBeCloseTo(sums[2] as number, 1);
            expect(own.rarest).toBeCloseTo(sums[3] as number, 9);
          }
          expect(windows.map(({ start }) => start)).toEqual(
            windows.map(({ start }) => start).toSorted((a, b) => a - b),
          );
        } finally {
          table.close();
        }
      },
    ),
    { numRuns: 30, examples: [[[...HARDLY_TIMED], ENTITIES[0] as Entity, 60, false, 0, "ndjson"]] },
  );
});

test("the columns that a window's oddest flow is odd by, rules aside, come along, as names with commas between them", async () => {
  const rows =
    "VALUES ('a', 0, 1.0, 0.5, ['x'], NULL), ('a', 10, 9.0, 0.001, ['dur', 'x'], 'escalate'), " +
    "('a', 20, 99.0, 0.0001, ['ruled'], 'benign'), ('b', 0, 2.0, 0.1, []::VARCHAR[], NULL)";
  const path = await folder.copy(
    `SELECT src, ${FIRST} + after AS stime, score, false AS is_anomaly, probability, top_columns, alarm_verdict FROM (${rows}) AS t(src, after, score, probability, top_columns, alarm_verdict)`,
    "top.parquet",
  );
  const table = await openTable(path);
  const request = {
    entity: [["src"]],
    network: undefined,
    time: "stime",
    seconds: 60,
    leastProbability: LEAST,
  };
  const { windows } = await readHostWindows(table, request);
  table.close();
  expect(windows.map(({ host, topColumns }) => [host, topColumns])).toEqual([
    ["a", "dur, x"],
    ["b", ""],
  ]);
});

const FLOW = { src: "a", stime: FIRST, score: 1, is_anomaly: false, probability: 0.5 };

test.each([
  ["lines.ndjson", (names: string[]) => JSON.stringify({ ...FLOW, top_columns: names })],
  ["zeek.csv", (names: string[]) => [...Object.values(FLOW), `"${names.join(",")}"`].join(",")],
  ["spaced.csv", (names: string[]) => [...Object.values(FLOW), `"${names.join(", ")}"`].join(",")],
])("so they do of %s", async (name, written) => {
  const header = name.endsWith("csv") ? [[...Object.keys(FLOW), "top_columns"].join(",")] : [];
  const table = await openTable(folder.write(name, [...header, written(["dur", "x"]), ""].join("\n")));
  const request = {
    entity: [["src"]],
    network: undefined,
    time: "stime",
    seconds: 60,
    leastProbability: LEAST,
  };
  const { windows } = await readHostWindows(table, request);
  table.close();
  expect(windows.map(({ topColumns }) => topColumns)).toEqual(["dur, x"]);
});

test("a table that has not been scored is refused with what to do", async () => {
  const table = await openTable(folder.write("plain.csv", `src,stime\n1,${FIRST}\n2,${FIRST}\n`));
  const request = {
    entity: [["src"]],
    network: undefined,
    time: "stime",
    seconds: 60,
    leastProbability: LEAST,
  };
  await expect(readHostWindows(table, request)).rejects.toMatchObject({
    code: "COLUMNS_MISSING",
    message: expect.stringMatching(/has no column "score"; name flows that were scored/),
  });
  table.close();
});
