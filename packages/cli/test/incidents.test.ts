import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { Incident } from "@oddflow/incidents";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { gatherIncidents } from "../src/incidents/gather-incidents.ts";
import { pipedAlarms } from "../src/incidents/piped-alarms.ts";
import { runHere } from "./in-process.ts";
import { FLOWS, ROOT, readNdjson, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const SCORED = "flows.scored.ndjson";
const FLOW_COUNT = 3000;

type Line = Readonly<Record<string, unknown>>;

const incidents = (...args: readonly string[]): ReturnType<typeof runHere> =>
  runHere("oddflow", ["incidents", ...args]);

const linesOf = (text: string): Line[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

/** Without the rows of examples, which hang on how a table is sorted, and in one order. */
function comparable(lines: readonly Line[]): Line[] {
  return lines
    .map(({ example, ...rest }) => ({ ...rest, example: { ...(example as object), row: 0 } }))
    .sort((a, b) => (String((a as Line)["id"]) < String((b as Line)["id"]) ? -1 : 1));
}

const sum = (lines: readonly Line[], name: string): number =>
  lines.reduce((total, line) => total + Number(line[name]), 0);

const START = 1_767_225_600;

/** Flows of few hosts, each for some minutes, two at a time; every fifth is an alarm. */
function scoredFlow(row: number): Line {
  const isOdd = row % 5 === 0;
  const first = 2 * (row % 3);
  const columns = ["dur", "sbytes", "state", "service", "rate", "sttl", "dur"].slice(first, first + 3);
  return {
    flow: row,
    stime: new Date(1000 * (START + 30 * (row >> 1))).toISOString(),
    source_ip: `10.0.0.${(row >> 4) % 5}`,
    source_port: 1024 + row,
    destination_ip: `192.0.2.${row % 13}`,
    destination_port: [22, 80, 443][row % 3],
    protocol: "tcp",
    score: 3 + (row % 97) / 97,
    is_anomaly: isOdd,
    probability: 1 / (2 + ((row * row) % 5000)),
    top_columns: columns,
    reasons: isOdd
      ? [
          {
            name: columns[0],
            seen: 4,
            expected: 1,
            share: 0.5,
            rarity: 0.01,
            text: `${columns[0]} ${row}, usually about 1`,
          },
        ]
      : null,
  };
}

beforeAll(() => {
  const lines = Array.from({ length: FLOW_COUNT }, (_, row) => JSON.stringify(scoredFlow(row)));
  writeFileSync(at(SCORED), `${lines.join("\n")}\n`);
});

describe("oddflow incidents", () => {
  test("prints the worst for a person, and what they come to", async () => {
    const { status, stdout, stderr } = await incidents(at(SCORED), "--oddest", "2");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /^The worst incidents\n {2}severity {2}first seen\n(?: {9}\d {2}2026-01-\d\dT\d\d:\d\dZ {2}\d+ odd flows? from \S+ to .*: .*\n {31}oddest: .*\n){2}\nalarms {5}[\d,]+ of 3,000 flows\nincidents {2}[\d,]+\n$/,
    );
  });

  test("every alarm is in one incident, whatever the table is written in and however it is sorted", async () => {
    const alarms = readNdjson(at(SCORED)).filter((flow) => flow["is_anomaly"] === true);
    const { stdout, stderr } = await incidents(at(SCORED), "--json");
    const lines = linesOf(stdout);
    expect(stderr.replaceAll(",", "")).toBe(
      `alarms     ${alarms.length} of ${FLOW_COUNT} flows\nincidents  ${lines.length}\n`,
    );
    expect(sum(lines, "flows")).toBe(alarms.length);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
    writeFileSync(
      at("sorted.ndjson"),
      readFileSync(at(SCORED), "utf8").trimEnd().split("\n").sort().join("\n"),
    );
    expect(comparable(linesOf((await incidents(at("sorted.ndjson"), "--json")).stdout))).toEqual(
      comparable(lines),
    );
    const csv = readNdjson(at(SCORED)).map(({ top_columns: columns, reasons, ...flow }) =>
      [
        ...Object.values(flow),
        (columns as string[]).join(", "),
        reasons === null ? "" : JSON.stringify(reasons),
      ]
        .map((cell) => `"${String(cell).replaceAll('"', '""')}"`)
        .join(","),
    );
    const header = Object.keys(scoredFlow(0)).join(",");
    writeFileSync(at("flows.scored.csv"), `${[header, ...csv].join("\n")}\n`);
    expect(comparable(linesOf((await incidents(at("flows.scored.csv"), "--json")).stdout))).toEqual(
      comparable(lines),
    );
  });

  test("a pipe that comes in the order of its times has the incidents of the file, however it is cut", async () => {
    const bytes = readFileSync(at(SCORED));
    const expected = linesOf((await incidents(at(SCORED), "--json")).stdout);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 9 }), async (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = places.slice(1).map((end, k) => bytes.subarray(places[k], end));
        const found: Incident[] = [];
        const counts = await gatherIncidents(
          pipedAlarms(
            Readable.from(pieces.filter(({ length }) => length > 0)),
            { entity: "source" },
            new AbortController().signal,
          ),
          { gap: 600, longest: 3600 },
          async (ended) => found.push(...ended) > 0,
        );
        expect(counts).toMatchObject({
          flows: 3000,
          alarms: sum(expected, "flows"),
          incidents: expected.length,
        });
        expect(found.map(({ id, flows, title }) => [id, flows, title]).sort()).toEqual(
          expected.map(({ id, flows, title }) => [id, flows, title]).sort(),
        );
      }),
      { numRuns: 5 },
    );
  });

  test("what rules take away is in none, what they escalate is marked", async () => {
    const [first] = linesOf((await incidents(at(SCORED), "--json")).stdout);
    const rules = [
      { id: "known", verdict: "benign", host: [first?.["host"]] },
      { id: "ports", verdict: "escalate", match: { destination_port: { from: 0, to: 80 } } },
    ];
    writeFileSync(at("rules.json"), JSON.stringify({ rules }));
    await runHere("oddflow", [
      "rules",
      "apply",
      at(SCORED),
      "--rules",
      at("rules.json"),
      "-o",
      at("ruled.ndjson"),
    ]);
    const flows = readNdjson(at("ruled.ndjson")).filter((flow) => flow["is_anomaly"] === true);
    const lines = linesOf((await incidents(at("ruled.ndjson"), "--json")).stdout);
    expect(lines.some(({ host }) => host === first?.["host"])).toBe(false);
    expect(sum(lines, "flows")).toBe(flows.length);
    expect(sum(lines, "escalated")).toBe(flows.filter((flow) => flow["alarm_rule"] === "ports").length);
    for (const { escalated, severity, rules: own } of lines) {
      if (escalated === 0) continue;
      expect(severity).toBeGreaterThanOrEqual(7);
      expect(own).toMatchObject({ count: 1, most: [{ value: "ports" }] });
    }
  });

  test("writes one a line in each format, to standard output or a file that appears whole", async () => {
    const count = linesOf((await incidents(at(SCORED), "--json")).stdout).length;
    const begins = { json: '{"id":', ecs: '{"@timestamp":', ocsf: '{"category_uid":2,', syslog: "<1" };
    for (const [format, start] of Object.entries(begins)) {
      const { stdout } = await incidents(at(SCORED), "--format", format);
      const lines = stdout.trimEnd().split("\n");
      expect(lines.filter((line) => line.startsWith(start))).toHaveLength(count);
      const written = await incidents(at(SCORED), "--format", format, "-o", at(`incidents.${format}`));
      expect(written.stdout).toMatch(/^The worst incidents\n(?:.*\n)*written {4}\S+\n$/);
      expect(readFileSync(at(`incidents.${format}`), "utf8")).toBe(stdout);
    }
  });

  test("reads Zeek's scored logs, from a file and from a pipe, and counts what lacks a host or a time", async () => {
    const types = [
      "time",
      "addr",
      "port",
      "addr",
      "port",
      "enum",
      "double",
      "bool",
      "double",
      "vector[string]",
    ];
    const fields = [
      "ts",
      "id.orig_h",
      "id.orig_p",
      "id.resp_h",
      "id.resp_p",
      "proto",
      "score",
      "is_anomaly",
      "probability",
      "top_columns",
    ];
    const row = (...cells: readonly string[]): string => cells.join("\t");
    const odd = (ts: string, host: string): string =>
      row(ts, host, "4000", "192.0.2.1", "23", "tcp", "5.5", "T", "0.0001", "history,proto");
    const log = [
      "#separator \\x09",
      "#set_separator\t,",
      "#empty_field\t(empty)",
      "#unset_field\t-",
      row("#fields", ...fields),
      row("#types", ...types),
      odd("1767225600.000000", "10.0.0.1"),
      row("1767225601.000000", "10.0.0.1", "4001", "192.0.2.1", "80", "tcp", "0.5", "F", "0.4", "-"),
      odd("1767225660.000000", "10.0.0.1"),
      odd("1767225660.000000", "-"),
      odd("-", "10.0.0.1"),
    ];
    writeFileSync(at("conn.scored.log"), `${log.join("\n")}\n`);
    const { stdout } = await incidents(at("conn.scored.log"));
    expect(stdout).toContain("2 odd flows from 10.0.0.1 to 192.0.2.1, port 23, in 60 s: history, proto\n");
    expect(stdout).toContain(
      "alarms     2 of 5 flows\nincidents  1\nleft out   1 alarms without a host, 1 alarms without a time since 1980\n",
    );
    const found: Incident[] = [];
    const piped = pipedAlarms(
      Readable.from([readFileSync(at("conn.scored.log"))]),
      { entity: "source" },
      new AbortController().signal,
    );
    const counts = await gatherIncidents(
      piped,
      { gap: 600, longest: 3600 },
      async (ended) => found.push(...ended) > 0,
    );
    expect(counts).toMatchObject({ flows: 5, alarms: 2, withoutHost: 1, withoutTime: 1 });
    expect(found).toMatchObject([
      { flows: 2, host: "10.0.0.1", columns: [{ name: "history" }, { name: "proto" }] },
    ]);
  });

  test("a pipe tells what has ended at once, and the rest on SIGTERM", async () => {
    const flow = (time: number, source: string): string =>
      `${JSON.stringify({ ts: 1_767_225_600 + time, src_ip: source, dest_ip: "192.0.2.1", score: 5, is_anomaly: true, probability: 0.001, top_columns: ["dur"] })}\n`;
    const child = spawn(process.execPath, [
      join(ROOT, "packages/cli/bin/oddflow.js"),
      "incidents",
      "-",
      "--json",
    ]);
    const told: string[] = [];
    const next = (): Promise<unknown> =>
      new Promise((resolve) => child.stdout.once("data", (piece) => resolve(told.push(String(piece)))));
    const first = next();
    child.stdin.write(flow(0, "10.0.0.1"));
    child.stdin.write(flow(700, "10.0.0.2"));
    await first;
    expect(told.join("")).toContain('"title":"1 odd flow from 10.0.0.1 to 192.0.2.1: dur"');
    const rest = next();
    child.kill("SIGTERM");
    await rest;
    const status = await new Promise((resolve) => child.on("close", resolve));
    expect([told.join("").trimEnd().split("\n").length, status]).toEqual([2, 130]);
  });

  test("what has begun is told before a line that cannot be read ends the pipe", async () => {
    const lines = Array.from({ length: 200 }, (_, row) => `${JSON.stringify(scoredFlow(row))}\n`);
    const gathered = async (text: string): Promise<{ found: Incident[]; failed: unknown }> => {
      const found: Incident[] = [];
      const readings = pipedAlarms(
        Readable.from([Buffer.from(text)]),
        { entity: "source", time: undefined, network: undefined },
        new AbortController().signal,
      );
      const failed = await gatherIncidents(readings, { gap: 600, longest: 3600 }, async (some) => {
        found.push(...some);
        return true;
      }).catch((thrown: unknown) => thrown);
      return { found, failed };
    };
    const whole = await gathered(lines.join(""));
    const broken = await gathered(`${lines.join("")}{"stime":\n${lines.join("")}`);
    expect(whole.found.length).toBeGreaterThan(3);
    expect(broken.found).toEqual(whole.found);
    expect(broken.failed).toMatchObject({
      code: "RECORD_INVALID",
      message: expect.stringContaining("line 201"),
    });
  });

  test("says in one line what it cannot do", async () => {
    const flow = { ts: 1_767_225_600, src: "a", dst: "b", score: 1, is_anomaly: true, probability: 0.1 };
    writeFileSync(at("top.ndjson"), `${JSON.stringify(flow)}\n`);
    writeFileSync(
      at("nobody.ndjson"),
      `${JSON.stringify({ ...flow, src: null, top_columns: ["dur"] }).replaceAll("src", "x")}\n`,
    );
    const refused: readonly (readonly [args: readonly string[], status: number, said: RegExp])[] = [
      [[FLOWS], 3, /has no column "score"; name flows that were scored/],
      [[at("top.ndjson")], 3, /has no column "top_columns".* score the flows with --top 3/],
      [
        [at("nobody.ndjson")],
        3,
        /has no columns of hosts for --entity source; name the column of hosts with --entity COLUMN/,
      ],
      [[at(SCORED), "--entity", "no such"], 3, /no columns of hosts for --entity no such/],
      [[at(SCORED), "--time", "state"], 3, /has no column "state"; name the column of times/],
      [
        [at(SCORED), "--context-by", "net"],
        3,
        /has no column "net"; name the column that keeps networks apart/,
      ],
      [[at(SCORED), "--time", "protocol"], 3, /column "protocol" of .* are no times/],
      [[at(SCORED), "--gap", "5"], 2, /--gap 5: expected a minute to a week, such as 10m, 1h or 1d/],
      [[at(SCORED), "-o", at(SCORED)], 2, /is the input itself/],
      [[at(SCORED), "-o", "incidents.parquet"], 2, /incidents are written one a line; name a \.ndjson file/],
      [
        [at(SCORED), "--json", "--format", "ecs"],
        2,
        /--json and --format ecs are two forms; give one of them/,
      ],
      [[at(SCORED), "--json", "--oddest", "3"], 2, /--oddest is for files whose incidents are printed/],
      [["-", at(SCORED)], 2, /standard input \(-\) and files cannot be read in one run/],
      [["-", "--from", "csv"], 2, /--from is for files/],
    ];
    for (const [args, status, said] of refused) {
      const finished = await incidents(...args);
      expect([finished.stderr, finished.status]).toEqual([expect.stringMatching(said), status]);
      expect(finished.stderr.trimEnd().split("\n")).toHaveLength(1);
    }
  });
});
