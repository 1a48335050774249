import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { DEFAULT_LIMITS } from "@oddflow/edge-service";
import { createScorer } from "@oddflow/inference/node";
import { parseRules, RecordRules, type RuleSet } from "@oddflow/rules";
import { openTable } from "@oddflow/tables";
import { Table, tableFromIPC, tableToIPC, vectorFromArray } from "apache-arrow";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { LiveContext } from "../src/live-context.ts";
import { versionOf } from "../src/opened-model.ts";
import { scoreArrow } from "../src/score-arrow.ts";
import { scoreStream } from "../src/score-stream.ts";
import { ServedModels } from "../src/serve/served-models.ts";
import { RecordScorer } from "../src/stream/record-scorer.ts";
import { runHere } from "./in-process.ts";
import { MODEL, readNdjson, temporaryFolder } from "./run-cli.ts";
import { someFlows } from "./some-flows.ts";

type Flow = Readonly<Record<string, unknown>>;

/** What a door says of a flow: whether it is an alarm, which rule decided, and what that says. */
type Said = readonly [isAnomaly: unknown, rule: unknown, verdict: unknown];

const SCORES = ["score", "is_anomaly", "probability", "alarm_rule", "alarm_verdict"];
const SOME = 700;

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const batch = async (...args: string[]): Promise<string> => {
  const { status, stdout, stderr } = await runHere("score-batch", [...args, "-m", MODEL]);
  expect(status, stderr).toBe(0);
  return stdout;
};

await batch(await someFlows(`row % 30 = 0 AND row < ${30 * SOME}`), "-o", at("all.ndjson"));
const scored = readNdjson(at("all.ndjson"));
const flows: Flow[] = scored.map((flow) =>
  Object.fromEntries(Object.entries(flow).filter(([name]) => !SCORES.includes(name))),
);
const columns = Object.keys(flows[0] ?? {});
const threshold = scored.map(({ score }) => Number(score)).toSorted((a, b) => a - b)[SOME >> 1] ?? 0;
const odd = scored.map(({ score }) => Number(score) >= threshold);
const lines = `${flows.map((flow) => JSON.stringify(flow)).join("\n")}\n`;
const cells = [columns, ...flows.map((flow) => columns.map((name) => flow[name] ?? ""))];
const csv = `${cells.map((row) => row.join(",")).join("\n")}\n`;
writeFileSync(at("flows.ndjson"), lines);
writeFileSync(at("flows.csv"), csv);
await batch(at("flows.ndjson"), "-o", at("flows.parquet"));

const bytes = readFileSync(MODEL);
const scorer = await createScorer(bytes, { provider: "cpu", threads: 1 });
afterAll(() => scorer.close());

const said = (flow: Flow): Said => [flow["is_anomaly"], flow["alarm_rule"], flow["alarm_verdict"]];

/** A CSV cell as what it stands for. */
const ofCell = (cell: string | undefined): unknown =>
  cell === "" ? null : cell === "true" || cell === "false" ? cell === "true" : cell;

function saidInCsv(text: string): Said[] {
  const [head = [], ...rows] = text
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  return rows.map((row) => said(Object.fromEntries(head.map((name, k) => [name, ofCell(row[k])]))));
}

async function saidInTable(path: string): Promise<Said[]> {
  const table = await openTable(path, { threads: 1 });
  const values = ["is_anomaly", "alarm_rule", "alarm_verdict"];
  const rows: Said[] = [];
  for await (const own of table.scan([], { values })) {
    for (let row = 0; row < own.rows; row++)
      rows.push([own.value(row, 0), own.value(row, 1), own.value(row, 2)]);
  }
  table.close();
  return rows;
}

const limit = ["--threshold", String(threshold)];

/** What an answer's lines say. */
const saidInLines = (text: string): Said[] =>
  text
    .trim()
    .split("\n")
    .map((line) => said(JSON.parse(line) as Flow));

async function piped(input: string, rules: RuleSet, threads = 0): Promise<string> {
  const output = new PassThrough();
  const heard: Buffer[] = [];
  output.on("data", (part: Buffer) => heard.push(part));
  await scoreStream(Readable.from([Buffer.from(input)]), output, scorer, {
    ...{ threshold, top: 0, fields: "all", maxLatency: 0, rules },
    context: await LiveContext.open(scorer, undefined),
    ...(threads > 0 ? { threads: { count: threads, model: bytes, afterBytes: 0 } } : {}),
  });
  return Buffer.concat(heard).toString();
}

/** In two parts, so that a thread has begun when the second comes. */
async function throughThreads(rules: RuleSet): Promise<string> {
  const output = new PassThrough();
  const heard: Buffer[] = [];
  output.on("data", (part: Buffer) => heard.push(part));
  const all = lines.split("\n").slice(0, -1);
  const input = async function* (): AsyncGenerator<Buffer> {
    yield Buffer.from(`${all.slice(0, 100).join("\n")}\n`);
    while (Buffer.concat(heard).toString().split("\n").length <= 100) await once(output, "data");
    yield Buffer.from(`${all.slice(100).join("\n")}\n`);
  };
  await scoreStream(Readable.from(input()), output, scorer, {
    ...{ threshold, top: 0, fields: "all", maxLatency: 0, rules },
    threads: { count: 1, model: bytes, afterBytes: 0 },
  });
  return Buffer.concat(heard).toString();
}

async function served(rules: RuleSet): Promise<Said[]> {
  const own = await createScorer(bytes, { provider: "cpu", threads: 1 });
  const models = await ServedModels.start(
    { bytes, version: versionOf(bytes), scorer: own },
    {
      ...{ threads: 1, limits: DEFAULT_LIMITS, threshold: { score: threshold }, rules, service: {} },
      context: await LiveContext.open(own, undefined),
    },
  );
  const ask = async (body: string): Promise<string> => {
    const request = new Request("http://localhost/score", {
      method: "POST",
      headers: { "content-type": "application/x-ndjson", accept: "application/x-ndjson" },
      body,
    });
    return (await models.service.fetch(request)).text();
  };
  try {
    const all = lines.split("\n").slice(0, -1);
    // One flow is scored by the thread that answers, many by another.
    const answer = (await ask(`${all[0]}\n`)) + (await ask(`${all.slice(1).join("\n")}\n`));
    const metrics = await (await models.service.fetch(new Request("http://localhost/metrics"))).text();
    const rows = saidInLines(answer);
    const counted = [...metrics.matchAll(/^oddflow_suppressed_alarms_total\{rule="([^"]*)"\} (\d+)$/gm)];
    expect(Object.fromEntries(counted.map(([, rule, count]) => [rule, Number(count)]))).toEqual(hidden(rows));
    return rows;
  } finally {
    await models.close();
  }
}

async function throughArrow(rules: RuleSet): Promise<Said[]> {
  const table = new Table(
    Object.fromEntries(
      columns.map((name) => [name, vectorFromArray(flows.map((flow) => flow[name] ?? null))]),
    ),
  );
  const output = new PassThrough();
  const heard: Buffer[] = [];
  output.on("data", (part: Buffer) => heard.push(part));
  const input = Readable.from([Buffer.from(tableToIPC(table, "stream"))]);
  await scoreArrow(input, output, scorer, { threshold, top: 0, fields: "all", rules });
  const rows = tableFromIPC(Buffer.concat(heard)).toArray();
  return rows.map((row) => said(row?.toJSON() as Flow));
}

async function asRecords(rules: RuleSet): Promise<Said[]> {
  const records = new RecordScorer(scorer, { threshold, top: 0, fields: "all", rules }, undefined);
  const texts = flows.map((flow) => Buffer.from(JSON.stringify(flow)));
  let length = 0;
  const ends = Uint32Array.from(texts, (text) => (length += text.length));
  const joined = { bytes: new Uint8Array(Buffer.concat(texts)), ends };
  const { written } = await records.score(records.read(joined));
  return [...written.ends].map((end, k) => {
    const text = Buffer.from(written.bytes.subarray(written.ends[k - 1] ?? 0, end)).toString();
    return said(JSON.parse(text) as Flow);
  });
}

async function sharded(path: string): Promise<Said[]> {
  const out = at(`shards-${shards++}.parquet`);
  const plan = `${out}.json`;
  const args = ["--plan", plan, "-m", MODEL, "-o", out, "--shards", "1", "--rules", path, ...limit];
  for (const step of [
    ["plan", at("flows.parquet"), ...args],
    ["run", plan, "0", "--threads", "1"],
    ["commit", plan],
  ]) {
    const { status, stderr } = await runHere("oddflow", ["shard", ...step]);
    expect(status, stderr).toBe(0);
  }
  return saidInTable(out);
}
let shards = 0;

/** What an evaluation, and its page, show of flows of which rules say this. */
async function evaluated(path: string, expected: readonly Said[], showsPage: boolean): Promise<void> {
  const page = at("evaluated.html");
  const { status, stdout, stderr } = await runHere("oddflow", [
    ...["evaluate", at("flows.parquet"), "-m", MODEL, "--rules", path, ...limit],
    ...["--json", ...(showsPage ? ["--report", page] : [])],
  ]);
  expect(status, stderr).toBe(0);
  const { confusion, rules, rocAuc } = JSON.parse(stdout);
  const isAttack = flows.map((flow) => flow["binary_label"] === 1);
  const count = (alarm: boolean, attack: boolean): number =>
    expected.filter(([is], k) => is === alarm && isAttack[k] === attack).length;
  const counted = {
    trueNegatives: count(false, false),
    falsePositives: count(true, false),
    falseNegatives: count(false, true),
    truePositives: count(true, true),
  };
  expect(confusion).toEqual(counted);
  expect(rules.suppressed).toEqual(hidden(expected));
  expect(rules.alarms[0].withRules).toEqual(counted);
  expect(rules.alarms[0].withoutRules.falsePositives).toBe(odd.filter((is, k) => is && !isAttack[k]).length);
  // Rules leave the ranking alone.
  plainRocAuc ??= rocAuc;
  expect(rocAuc).toBe(plainRocAuc);
  if (!showsPage) return;
  const html = readFileSync(page, "utf8");
  const alarms = counted.falsePositives + counted.truePositives;
  expect(html).toContain(`${counted.truePositives} of ${alarms} alarms`);
  const table = /<caption>The flows with the highest scores[\s\S]+?<\/table>/.exec(html)?.[0] ?? "";
  for (const [, row] of table.matchAll(/scope="row">([\d,]+)</g))
    expect(["benign", "wrong"]).not.toContain(expected[Number(row?.replaceAll(",", "")) - 1]?.[2]);
}
let plainRocAuc: unknown;
const PAGES = 3;

/** How many alarms each rule takes away. */
function hidden(rows: readonly Said[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [, rule, verdict] of rows) {
    if (verdict === "benign" || verdict === "wrong") counts[String(rule)] = (counts[String(rule)] ?? 0) + 1;
  }
  return counts;
}

/** A value that some flow has. */
const someOf = (name: string): fc.Arbitrary<unknown> =>
  fc.constantFrom(...new Set(flows.map((flow) => flow[name])).values()).filter((value) => value !== null);

const address = someOf("source_ip").map(String);
const condition = fc.oneof(
  fc.tuple(
    fc.constant("source_ip"),
    fc.oneof(
      address,
      address.map((own) => `${own}/24`),
    ),
  ),
  fc.tuple(
    fc.constant("destination_port"),
    fc.array(someOf("destination_port"), { minLength: 1, maxLength: 5 }),
  ),
  fc.tuple(fc.constant("protocol"), someOf("protocol")),
  fc.tuple(
    fc.constant("state"),
    fc.constantFrom("C*", "?N?", "*").map((pattern) => ({ pattern })),
  ),
  fc.tuple(
    fc.constant("sbytes"),
    someOf("sbytes").map((from) => ({ from })),
  ),
  fc.tuple(
    fc.constant("dur"),
    someOf("dur").map((to) => ({ to })),
  ),
  fc.tuple(fc.constant("of_another_table"), fc.constant(1)),
);
const rule = fc.record(
  {
    verdict: fc.constantFrom("benign", "wrong", "escalate"),
    match: fc.array(condition, { minLength: 1, maxLength: 2 }).map((some) => Object.fromEntries(some)),
    host: fc.oneof(address, fc.array(address, { minLength: 1, maxLength: 3 })),
    during: fc.record({
      from: fc.constantFrom("03:00", "11:30", "23:00"),
      to: fc.constantFrom("06:15", "12:00", "24:00"),
      zone: fc.constantFrom("UTC", "Europe/Berlin", "Asia/Kolkata"),
    }),
    expires: fc.constantFrom("2025-03-03", "2025-03-04", "2030-01-01"),
  },
  { requiredKeys: ["verdict"] },
);
const ruleSets = fc
  .array(
    rule.filter(
      ({ match, host, during }) => match !== undefined || host !== undefined || during !== undefined,
    ),
    { maxLength: 5 },
  )
  .map((rules): Given => ({ rules: rules.map((own, k) => ({ id: `r${k}`, ...own })) }));

/** A file of rules. */
interface Given {
  readonly rules: readonly object[];
}

/** Rules each of which decides on some flows. */
const TELLING: Given = {
  rules: [
    { id: "r0", verdict: "wrong", match: { destination_port: [53], sbytes: { from: 100 } } },
    { id: "r1", verdict: "escalate", host: "192.0.2.20/30" },
    { id: "r2", verdict: "benign", during: { from: "00:00", to: "12:00", zone: "Asia/Kolkata" } },
    { id: "r3", verdict: "benign", match: { protocol: { pattern: "t?p" } }, expires: "2025-03-04" },
  ],
};

test("no door shows a suppressed flow as an alarm, and all say the same of each", async () => {
  let count = 0;
  const met = new Set<unknown>();
  for (const ending of ["parquet", "csv", "ndjson"])
    await batch(at(`flows.${ending}`), "-o", at(`scored.${ending}`), ...limit);
  await fc.assert(
    fc.asyncProperty(ruleSets, async (given) => {
      const path = at(`rules-${count++}.yaml`);
      writeFileSync(path, JSON.stringify(given));
      const rules = parseRules(JSON.stringify(given), path);
      const own = new RecordRules(rules);
      const expected = flows.map((flow, k): Said => {
        const ruling = odd[k] === true ? own.ruling(flow) : undefined;
        const isHidden = ruling !== undefined && ruling.verdict !== "escalate";
        return [odd[k] === true && !isHidden, ruling?.rule ?? null, ruling?.verdict ?? null];
      });
      for (const [, , verdict] of expected) met.add(verdict);
      const out = (ending: string): string => at(`out-${count}.${ending}`);
      const files: [string, string, (path: string) => Promise<Said[]> | Said[]][] = [
        ["flows.parquet", "parquet", saidInTable],
        ["flows.parquet", "ndjson", (path) => saidInLines(readFileSync(path, "utf8"))],
        ["flows.csv", "csv", (path) => saidInCsv(readFileSync(path, "utf8"))],
        ["flows.ndjson", "ndjson", (path) => saidInLines(readFileSync(path, "utf8"))],
      ];
      for (const [from, ending, read] of files) {
        const summary = await batch(at(from), "-o", out(ending), "--rules", path, ...limit);
        expect(await read(out(ending)), `${from} to ${ending}`).toEqual(expected);
        const counted = [...summary.matchAll(/^suppressed ([\d,]+) by (\S+)$/gm)];
        expect(Object.fromEntries(counted.map(([, n, id]) => [id, Number(n)]))).toEqual(hidden(expected));
      }
      expect(saidInLines(await piped(lines, rules)), "JSON in a pipe").toEqual(expected);
      expect(saidInCsv(await piped(csv, rules)), "CSV in a pipe").toEqual(expected);
      expect(saidInLines(await throughThreads(rules)), "threads of a pipe").toEqual(expected);
      expect(await throughArrow(rules), "Arrow").toEqual(expected);
      expect(await asRecords(rules), "records of a stream").toEqual(expected);
      expect(await served(rules), "service").toEqual(expected);
      expect(await sharded(path), "shards").toEqual(expected);
      // A page takes as long as several doors.
      await evaluated(path, expected, count <= PAGES);
      for (const [from, ending, read] of files) {
        if (!from.endsWith(ending)) continue;
        const scoredFile = at(`scored.${ending}`);
        const { status } = await runHere("oddflow", [
          ...["rules", "apply", scoredFile, "--rules", path, "-o", out(ending)],
        ]);
        expect(status).toBe(0);
        // No rules, and nothing is said of any.
        const left = given.rules.length > 0 ? expected : expected.map(([is]) => [is, undefined, undefined]);
        if (ending !== "parquet" || given.rules.length > 0)
          expect(await read(out(ending)), `applied to ${ending}`).toEqual(left);
      }
    }),
    { numRuns: 4, examples: [[{ rules: [] }], [TELLING]] },
  );
  expect([...met].sort()).toEqual(["benign", "escalate", null, "wrong"]);
}, 240_000);
