import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { makePortable, parseDetectorMetadata, type ScoreCalendar, scoreAtHour } from "@oddflow/detector";
import { createScoringService, type ScoringService } from "@oddflow/edge-service";
import { describeScorer } from "@oddflow/inference";
import { createScorer, type Scorer } from "@oddflow/inference/node";
import { readModelSummary } from "@oddflow/onnx";
import { contextColumns } from "@oddflow/preprocessing";
import { type Table, tableFromIPC, tableFromJSON, tableToIPC } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readTable } from "../../workbench/src/reading/index.ts";
import { encodeColumns } from "../../workbench/src/scoring/encode-columns.ts";
import { LiveContext } from "../src/live-context.ts";
import type { StreamModel } from "../src/pipe/stream-scoring.ts";
import { scoreArrow } from "../src/score-arrow.ts";
import { scoreStream } from "../src/score-stream.ts";
import { command } from "./in-process.ts";
import { ROOT, readNdjson, temporaryFolder } from "./run-cli.ts";
import { scoreTwice } from "./threaded-stream.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

const noise = (row: number, k: number): number =>
  Math.abs(Math.sin((row + 1) * 12.9898 * k) * 43_758.5453) % 1;

/** Flows that are all alike; what tells the scan's, every fourth, is that one host sends so many to so many others. */
const flows = Array.from({ length: 1000 }, (_, row) => {
  const isScan = row % 4 === 3;
  return {
    // From ten minutes before an hour of the clock on.
    ts: 1_740_001_800 + row * 2 + Math.round(1000 * noise(row, 1)) / 1000,
    src_ip: isScan ? "10.0.0.66" : `10.0.0.${Math.floor(60 * noise(row, 2))}`,
    dst_ip: `10.1.0.${Math.floor((isScan ? 250 : 6) * noise(row, 3))}`,
    dst_port: isScan ? 1 + Math.floor(1000 * noise(row, 4)) : 443,
    proto: "tcp",
    bytes: Math.round(500 + 400 * noise(row, 5)),
    packets: 2 + Math.floor(8 * noise(row, 6)),
    attack: isScan ? "scan" : "normal",
  };
});

function writeTable(name: string, records: readonly object[]): string {
  writeFileSync(at(name), `${records.map((record) => JSON.stringify(record)).join("\n")}\n`);
  return at(name);
}

function csvOf(records: readonly object[]): string {
  const rows = records.map((record) => Object.values(record).join(","));
  return `${[Object.keys(records[0] ?? {}).join(","), ...rows].join("\n")}\n`;
}

function zeekOf(records: readonly object[]): string {
  const types = ["time", "addr", "addr", "port", "enum", "count", "count", "string"];
  const start = [
    "#separator \\x09",
    "#unset_field\t-",
    `#fields\t${Object.keys(records[0] ?? {}).join("\t")}`,
  ];
  const rows = records.map((record) => Object.values(record).join("\t"));
  return `${[...start, `#types\t${types.join("\t")}`, ...rows].join("\n")}\n`;
}

const table = writeTable("flows.ndjson", flows);
const TRAINING = ["--role", "dst_port=identifier", "--attacks-in-training", "0", "--epochs", "15"];
const SMALL = [...TRAINING, "--hidden", "16", "--latent", "4", "--clean", "off"];
let model = at("m.onnx");
const scored = (name: string): number[] => readNdjson(at(name)).map((flow) => Number(flow["score"]));
const withoutSource = flows.map(({ src_ip: _, ...flow }) => flow);

async function ok(...args: string[]): Promise<string> {
  const { refused, said } = await command(...args);
  expect(refused, said).toBe(false);
  return said;
}

/** Scores a table of records as score-batch does. */
async function scoreTable(records: readonly object[]): Promise<number[]> {
  const path = writeTable("table.ndjson", records);
  await ok("score", path, "-m", model, "-o", at("scored.ndjson"), "--threads", "1");
  return scored("scored.ndjson");
}

let scorer: Scorer;
let told: string;
let toldOfWeeks: string;

/** The same flows, a tenth of them a day, on sixteen days: scores of its model are held against the hour. */
const weeks = writeTable(
  "weeks.ndjson",
  Array.from({ length: 16 }, (_, day) =>
    flows
      .filter((_flow, row) => row % 10 === day % 10)
      .map((flow) => ({ ...flow, ts: flow.ts + day * 86_400 })),
  ).flat(),
);
const calendarModel = at("calendar.onnx");

beforeAll(async () => {
  process.setMaxListeners(0);
  told = await ok("train", table, "-o", model, ...SMALL);
  toldOfWeeks = await ok("train", weeks, "-o", calendarModel, ...SMALL);
  scorer = await createScorer(readFileSync(model));
});
afterAll(() => scorer.close());

test("a scan of flows that are all usual is found by what its host did before", async () => {
  const rocAuc = async (context: string): Promise<number> => {
    const said = await ok("evaluate", table, "--seeds", "1", ...SMALL, "--context", context, "--json");
    return JSON.parse(said).columns[0].summary.rocAuc.mean;
  };
  expect(await rocAuc("off")).toBeLessThan(0.7);
  expect(await rocAuc("auto")).toBeGreaterThan(0.95);
});

test("training says what is counted, and of a table without addresses or times that nothing is", async () => {
  expect(told).toContain("Context: 24 features of the flows in the 60 and 600 seconds before");
  expect(told).toMatch(/hosts +src_ip to dst_ip\n/);
  expect(scorer.columns).toHaveLength(scorer.ownColumns.length + 24);
  const alone = writeTable(
    "alone.ndjson",
    flows.map(({ ts: _, ...flow }) => flow),
  );
  expect(await ok("train", alone, "-o", at("alone.onnx"), ...SMALL)).toContain(
    "Context: none, no column is known to hold times",
  );
  const refused = await command("train", alone, "-o", at("x.onnx"), "--context-by", "proto");
  expect(refused).toMatchObject({ refused: true, said: expect.stringContaining("--context-by proto") });
});

describe("a table of two weeks", () => {
  test("has its scores held against the hour of the week, which training and inspect say, and --calendar off leaves out", async () => {
    expect(toldOfWeeks).toMatch(/ {2}calendar +scores are held against their hour of the week, UTC\n/);
    const line =
      /Calendar: .*before, one usual flow in a hundred is above [\d.]+ on \w{3} \d\d:00 to [\d.]+ on \w{3} \d\d:00/;
    expect(toldOfWeeks).toMatch(line);
    expect(await ok("inspect", calendarModel)).toMatch(line);
    expect(await ok("recalibrate", calendarModel, weeks, "-o", at("later.onnx"))).toContain(
      "\ncalendar   as it was trained",
    );
    // When flows were recorded is no drift.
    expect(await ok("drift", calendarModel, table, "--limit", "100")).toMatch(
      /context\.calendar\.hour +0\.000 /,
    );
    const portable = {
      inputs: "columns",
      rank: 2,
      budget: 0.01,
      columnErrors: false,
      identifiers: false,
    } as const;
    const { contextColumns: counted, inputs } = makePortable(readFileSync(calendarModel), portable);
    expect([counted.at(-1), inputs.at(-1)?.name]).toEqual(["context.calendar.hour", "context.calendar.hour"]);
    await ok("train", weeks, "-o", at("off.onnx"), ...SMALL, "--calendar", "off");
    const off = parseDetectorMetadata(readModelSummary(readFileSync(at("off.onnx"))));
    expect([off.spec.version, off.training["calendar"]]).toEqual([2, undefined]);
    expect(told).not.toMatch(/calendar/i);
    await ok("train", table, "-o", at("short.onnx"), ...SMALL, "--calendar", "off");
    expect(readFileSync(at("short.onnx")).equals(readFileSync(at("m.onnx")))).toBe(true);
    expect(await command("train", weeks, "--context", "off", "--calendar", "auto")).toMatchObject({
      refused: true,
      said: expect.stringContaining("--calendar is for flows in their context, which is off"),
    });
  });

  test("has the scores that its networks give, stretched by hand for the hour; without an hour they are the networks' own", async () => {
    const held = await createScorer(readFileSync(calendarModel));
    const calendar = held.training["calendar"] as ScoreCalendar;
    const width = held.columns.length;
    const random = Float32Array.from({ length: 400 * width }, (_, k) => 50 * noise(k, 3));
    const at = (row: number): number => row * width + width - 1;
    for (let row = 0; row < 400; row++) random[at(row)] = row % 168;
    const { scores, errors } = await held.score(random, { errors: true });
    const alone = random.slice();
    for (let row = 0; row < 400; row++) alone[at(row)] = Number.NaN;
    const own = await held.score(alone);
    expect([...scores]).toEqual([...own.scores].map((score, row) => scoreAtHour(calendar, score, row % 168)));
    const isZero = (row: number): boolean => errors?.[at(row)] === 0;
    expect(scores.every((_, row) => isZero(row))).toBe(true);
    await held.close();
  });
});

/** What a service answers to records as JSON lines. */
async function askService(service: ScoringService, body: string, type = "application/x-ndjson") {
  const request = new Request("http://localhost/score", {
    method: "POST",
    body,
    headers: { "content-type": type, accept: "application/x-ndjson" },
  });
  const response = await service.fetch(request);
  return { status: response.status, text: await response.text() };
}

function answered(text: string): number[] {
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).score);
}

/** @param others what comes in the place of the first model, one after the other between pieces */
async function pipe(
  text: string,
  context?: LiveContext,
  piece = 10_000,
  others: readonly Scorer[] = [],
): Promise<number[]> {
  const output = new PassThrough();
  const heard: Buffer[] = [];
  output.on("data", (part: Buffer) => heard.push(part));
  const pieces = text.match(new RegExp(`[^]{1,${piece}}`, "g")) ?? [];
  let change: (model: StreamModel) => Promise<void> = async () => {};
  const input = async function* (): AsyncGenerator<Buffer> {
    for (const [k, part] of pieces.entries()) {
      yield Buffer.from(part);
      const other = others[k];
      if (other !== undefined) await change({ scorer: other, bytes: new Uint8Array(), threshold: 1 });
    }
  };
  await scoreStream(Readable.from(input()), output, scorer, {
    threshold: 1,
    top: 0,
    fields: "all",
    context,
    onBegun: (begun) => {
      change = begun;
    },
  });
  const lines = Buffer.concat(heard).toString().trim().split("\n");
  if (text.startsWith("{")) return lines.map((line) => JSON.parse(line).score);
  const [between, header] = text.startsWith("#") ? ["\t", "#fields\t"] : [",", ""];
  const names =
    lines
      .find((line) => line.startsWith(header))
      ?.slice(header.length)
      .split(between) ?? [];
  const place = names.indexOf("score");
  const rows = header === "" ? lines.slice(1) : lines.filter((line) => !line.startsWith("#"));
  return rows.map((line) => Number(line.split(between)[place]));
}

/** @param timeOf what the stream has for a flow's seconds since 1970 */
async function arrow(
  records: readonly (typeof flows)[number][],
  batchRows: number,
  timeOf: (ts: number) => unknown = (ts) => ts,
): Promise<number[]> {
  const tables = Array.from({ length: Math.ceil(records.length / batchRows) }, (_, k) => {
    const rows = records
      .slice(k * batchRows, (k + 1) * batchRows)
      .map((row) => ({ ...row, ts: timeOf(row.ts) }));
    return tableFromJSON(rows);
  });
  const output = new PassThrough();
  const heard: Buffer[] = [];
  output.on("data", (part: Buffer) => heard.push(part));
  const pieces = [tableToIPC((tables[0] as Table).concat(...tables.slice(1)), "stream")];
  await scoreArrow(Readable.from(pieces), output, scorer, { threshold: 1, top: 0, fields: "all" });
  output.end();
  return [...(tableFromIPC(Buffer.concat(heard)).getChild("score") ?? [])];
}

async function page(text: string, name: string): Promise<number[]> {
  const read = await readTable(new Blob([text]), name, () => undefined);
  const encoded = encodeColumns(read, scorer.ownColumns, scorer.context);
  const matrix = new Float32Array(read.rows * scorer.columns.length);
  encoded.encode(0, read.rows, matrix);
  return [...(await scorer.score(matrix)).scores];
}

describe.each(["in their context", "in their context, at their hour"])(
  "every door has the same scores for one table, of a model that sees flows %s",
  (how) => {
    const former = { model, scorer: undefined as Scorer | undefined };
    const ndjson = flows.map((flow) => JSON.stringify(flow)).join("\n");
    const csv = csvOf(flows);
    let expected: number[];

    beforeAll(async () => {
      if (how.endsWith("hour")) {
        former.scorer = scorer;
        model = calendarModel;
        scorer = await createScorer(readFileSync(model));
      }
      expected = await scoreTable(flows);
      expect(new Set(expected).size).toBeGreaterThan(900);
    });
    afterAll(async () => {
      if (former.scorer === undefined) return;
      await scorer.close();
      [model, scorer] = [former.model, former.scorer];
    });

    test.each<[string, () => Promise<number[]>]>([
      ["an Arrow stream, in batches of any size", () => arrow(flows, 40)],
      ["an Arrow stream with timestamps", () => arrow(flows, 600, (ts) => new Date(Math.round(ts * 1000)))],
      ["a pipe of JSON, in pieces", () => pipe(`${ndjson}\n`)],
      ["a pipe of CSV, in pieces", () => pipe(csv, undefined, 777)],
      // Rows with quotes are read as texts, those between them from their bytes.
      ["a pipe of CSV, some cells in quotes", () => pipe(csv.replace(/(.*\n.*),tcp,/g, '$1,"tcp",'))],
      ["a pipe of a Zeek log", () => pipe(zeekOf(flows), undefined, 3_333)],
      ["the page, of JSON", () => page(ndjson, "flows.ndjson")],
      ["the page, of CSV", () => page(csv, "flows.csv")],
      [
        "the service, of JSON lines",
        async () => answered((await askService(createScoringService(scorer), ndjson)).text),
      ],
      [
        "the service, of CSV",
        async () => answered((await askService(createScoringService(scorer), csv, "text/csv")).text),
      ],
      [
        "the service, over requests",
        async () => {
          const service = createScoringService(scorer);
          const scores: number[] = [];
          for (let first = 0; first < flows.length; first += 300) {
            const body = flows.slice(first, first + 300).map((flow) => JSON.stringify(flow));
            scores.push(...answered((await askService(service, body.join("\n"))).text));
          }
          return scores;
        },
      ],
    ])("%s", async (_, scores) => {
      expect(await scores()).toEqual(expected);
    });

    // An hour comes to it as all context does.
    test.runIf(how.endsWith("context"))(
      "a pipe that threads score, in which context is counted in one place",
      async () => {
        // The same again and again, each time later by more than the longest window.
        const again = (from: number, times: number): object[] =>
          Array.from({ length: times }, (_, k) =>
            flows.map((flow) => ({ ...flow, ts: flow.ts + (from + k) * 3000 })),
          ).flat();
        const lines = again(0, 1)
          .map((flow) => `${JSON.stringify(flow)}\n`)
          .join("");
        const pieces = Array.from({ length: 4 }, (_, k) =>
          Buffer.from(
            again(2 + 2 * k, 2)
              .map((flow) => `${JSON.stringify(flow)}\n`)
              .join(""),
          ),
        );
        const stream = {
          scorer,
          model: readFileSync(model),
          threads: 2,
          lines,
          pieces,
          options: { threshold: 1, top: 2, fields: "all" },
        } as const;
        const { threaded, alone, ownFlows } = await scoreTwice(stream);
        expect(threaded.output.equals(alone.output)).toBe(true);
        expect(threaded.summary).toEqual(alone.summary);
        expect(threaded.summary?.flows).toBeGreaterThanOrEqual(ownFlows + 8000);
        // What is left out, and what ends the stream, in pieces behind which others have been read.
        const [event, wrong] = ['{"event_type":"dns","dur":1}\n', '{"ts":1700000000,"dur":1\n'].map((line) =>
          Buffer.from(line),
        );
        const odd = pieces.flatMap((piece, k) => [piece, k === 2 ? wrong : event]) as Buffer[];
        const ended = await scoreTwice({ ...stream, pieces: odd });
        expect(ended.alone.problem).toMatch(/line \d+/);
        expect(ended.threaded.problem).toBe(ended.alone.problem);
        expect(ended.threaded.output.equals(ended.alone.output)).toBe(true);
      },
    );

    test("a table in any order, and the page", async () => {
      const turned = flows.toReversed();
      expect(await scoreTable(turned)).toEqual(expected.toReversed());
      expect(await page(turned.map((flow) => JSON.stringify(flow)).join("\n"), "turned.ndjson")).toEqual(
        expected.toReversed(),
      );
    });

    test("a pipe whose model is followed by others that count the same, or by one that sees each flow alone", async () => {
      const alike = (): Scorer =>
        Object.assign(Object.create(scorer) as Scorer, { score: scorer.score.bind(scorer) });
      expect(await pipe(ndjson, undefined, 10_000, [alike(), alike(), alike()])).toEqual(expected);
      const path = at("kept.context");
      const context = await LiveContext.open(scorer, path);
      const alone = { ...describeScorer(scorer), context: undefined } as Scorer;
      expect(() => context.encoderFor(alone)).toThrow(/--context-state .*sees each flow alone/);
      expect(context.encoderFor(alike())).toBe(context.encoder);
      const turned = { ...scorer.context, bytes: [] } as unknown as Scorer["context"];
      expect(context.encoderFor({ ...alone, context: turned })).not.toBe(context.encoder);
    });

    test("a pipe that ended, and goes on by --context-state where it was", async () => {
      const state = at(`${how.length}.context`);
      const lines = ndjson.split("\n");
      const first = await LiveContext.open(scorer, state);
      const before = await pipe(`${lines.slice(0, 400).join("\n")}\n`, first);
      await first?.save();
      const after = await pipe(`${lines.slice(400).join("\n")}\n`, await LiveContext.open(scorer, state));
      expect([...before, ...after]).toEqual(expected);
      writeFileSync(state, "something else");
      await expect(LiveContext.open(scorer, state)).rejects.toMatchObject({
        code: "CONTEXT_INVALID",
        message: expect.stringContaining(state),
      });
    });
  },
);

test.each([
  ["SIGINT", "1"],
  ["SIGTERM", "2"],
] as const)(
  "a pipe that %s ends answers the whole lines that came, keeps their context, and says so by 130",
  async (signal, threads) => {
    const state = at(`${signal}.context`);
    const program = join(ROOT, "packages/cli/bin/oddflow.js");
    const options = ["score", "-", "-m", model, "--context-state", state, "--threads", threads];
    const child = spawn(process.execPath, [program, ...options]);
    let [written, said] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      written += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const ended = once(child, "close");
    const lines = flows.map((flow) => JSON.stringify(flow));
    child.stdin.write(`${lines.slice(0, 400).join("\n")}\n${lines[400]?.slice(0, 20)}`);
    await vi.waitFor(() => expect(written.split("\n")).toHaveLength(401), { timeout: 40_000, interval: 20 });
    child.kill(signal);
    expect(await ended, said).toEqual([130, null]);
    expect(said).toMatch(/left out +1 last lines? without an end\nflows +400 /);
    const after = await pipe(`${lines.slice(400).join("\n")}\n`, await LiveContext.open(scorer, state));
    const before = written
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).score);
    expect([...before, ...after]).toEqual(await pipe(`${lines.join("\n")}\n`));
  },
);

test("evaluate, drift and recalibrate count context unasked", async () => {
  expect(JSON.parse(await ok("evaluate", table, "-m", model, "--json")).rocAuc).toBeGreaterThan(0.95);
  expect(await ok("drift", model, table, "--limit", "100")).toContain("context.");
  await ok("recalibrate", model, table, "-o", at("later.onnx"));
  const later = await createScorer(readFileSync(at("later.onnx")));
  expect(later.context).toEqual(scorer.context);
  await later.close();
});

test("reasons name what was counted, in every form", async () => {
  const anomalies = async (...args: string[]): Promise<unknown[]> => {
    await ok("score", table, "-m", model, "-o", at("why.ndjson"), "--reasons", "--threads", "1", ...args);
    return readNdjson(at("why.ndjson")).map((flow) => flow["reasons"]);
  };
  const reasons = await anomalies("--top", "3");
  const names = new Set(contextColumns(scorer.context ?? never()).map(({ name }) => name));
  const scan = JSON.stringify(reasons[799]);
  expect([...names].some((name) => scan.includes(name))).toBe(true);
  expect(scan).toMatch(/"text":"[a-z ]+the source[a-z ]* within \d+ s: [\d.,]+, usually/);
  const service = createScoringService(scorer);
  const request = new Request("http://localhost/score?reasons=3", {
    method: "POST",
    body: flows.map((flow) => JSON.stringify(flow)).join("\n"),
    headers: { "content-type": "application/x-ndjson" },
  });
  const answers = (await (await service.fetch(request)).text()).trim().split("\n");
  expect(answers.map((line) => JSON.parse(line).reasons)).toEqual(reasons.map((own) => own ?? null));
});

function never(): never {
  throw new Error("the model has no context");
}

describe("flows that do not say when they were and between whom are refused, by name", () => {
  test("files", async () => {
    const path = writeTable("without.ndjson", withoutSource);
    for (const args of [
      ["score", path, "-m", model, "-o", at("none.ndjson"), "--threads", "1"],
      ["evaluate", path, "-m", model],
      ["drift", model, path],
    ]) {
      expect(await command(...args)).toMatchObject({
        refused: true,
        said: expect.stringContaining('"src_ip"'),
      });
    }
  });

  test("pipes, the page and the service", async () => {
    const ndjson = withoutSource.map((flow) => JSON.stringify(flow)).join("\n");
    const csv = csvOf(withoutSource);
    for (const refusal of [
      pipe(`${ndjson}\n`),
      pipe(csv),
      page(ndjson, "without.ndjson"),
      page(csv, "without.csv"),
    ]) {
      await expect(refusal).rejects.toMatchObject({
        code: "COLUMNS_MISSING",
        message: expect.stringContaining("src_ip"),
      });
    }
    const service = createScoringService(scorer);
    for (const [body, type] of [
      [ndjson, undefined],
      [csv, "text/csv"],
    ] as const) {
      expect(await askService(service, body, type)).toEqual({
        status: 422,
        text: expect.stringContaining("src_ip"),
      });
    }
    // A flow that has no address has no context, which is missing then.
    const one = JSON.stringify({ ...flows[0], src_ip: "-" });
    const another = createScoringService(scorer);
    expect((await askService(another, one)).status).toBe(200);
    const metrics = await (await another.fetch(new Request("http://localhost/metrics"))).text();
    expect(metrics).toMatch(/^oddflow_context_flows_total\{why="unplaced"\} 1$/m);
    expect(metrics).toMatch(/^oddflow_context_restarts_total 0$/m);
  });

  test("what is no time, no number, no address", async () => {
    for (const [change, column] of [
      [{ ts: "soon" }, "ts"],
      [{ packets: "few" }, "packets"],
      [{ dst_ip: ["10.0.0.1"] }, "dst_ip"],
    ] as const) {
      const text = JSON.stringify({ ...flows[0], ...change });
      await expect(pipe(`${text}\n`)).rejects.toMatchObject({ message: expect.stringContaining(column) });
      expect((await askService(createScoringService(scorer), text)).text).toContain(column);
    }
  });
});

test("records alone have no context, so a scorer takes them encoded only", async () => {
  await expect(scorer.score([{ ...flows[0] }])).rejects.toMatchObject({ code: "FLOWS_SHAPE" });
});
