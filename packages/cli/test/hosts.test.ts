import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { runHere } from "./in-process.ts";
import { FLOWS, MODEL, readNdjson, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const SCORED = "flows.scored.parquet";

beforeAll(async () => {
  const scored = await runHere("score-batch", [FLOWS, "-m", MODEL, "-o", at(SCORED), "--top", "2"]);
  expect(scored.status).toBe(0);
});

const hosts = (...args: readonly string[]): ReturnType<typeof runHere> =>
  runHere("oddflow", ["hosts", ...args]);

describe("oddflow hosts", () => {
  test("prints the oddest hosts of a scored table, and what they come to", async () => {
    const { status, stdout, stderr } = await hosts(at(SCORED), "--oddest", "3");
    expect([status, stderr]).toEqual([
      0,
      "note       usual is what these flows do; --baseline names earlier ones\n",
    ]);
    expect(stdout).toMatch(
      /^The oddest hosts\n +host +from +score +flows +alarms +oddest flow by\n(?: {2}\S+ +\d{4}-\d\d-\d\dT\d\d:00Z +\d+\.\d{3} .*\n){3}\nhosts +[\d,]+ in [\d,]+ windows of 1h\n/,
    );
  });

  test("of a budget of 0 it says that none may alarm", async () => {
    const { stdout } = await hosts(at(SCORED), "--budget", "0", "--oddest", "0");
    expect(stdout).toMatch(/^alarms +0, of 0 hosts.*\nusual .* days; none may alarm$/m);
  });

  test.each(["parquet", "csv", "tsv"])("writes to %s what it writes to JSON lines", async (format) => {
    await hosts(at(SCORED), "-o", at("hosts.ndjson"), "--entity", "pair", "--window", "1d");
    await hosts(at(SCORED), "-o", at(`hosts.${format}`), "--entity", "pair", "--window", "1d");
    // score-batch's own reader of tables, by a model that sees none of it: the columns of its output.
    const lines = readNdjson(at("hosts.ndjson"));
    const { openTable } = await import("@oddflow/tables");
    const table = await openTable(at(`hosts.${format}`));
    expect(table.rows).toBe(lines.length);
    expect(table.columns.map(({ name }) => name)).toEqual(Object.keys(lines[0] ?? {}));
    const scanned: number[] = [];
    for await (const { columns } of table.scan([{ kind: "number", name: "score" }]))
      scanned.push(...(columns[0] ?? []));
    expect(scanned).toEqual(lines.map(({ score }) => Math.fround(Number(score))));
    expect([...(await table.times("window_start"))]).toEqual(
      lines.map(({ window_start: start }) => Date.parse(String(start)) / 1000),
    );
    table.close();
  });

  test("all flows are in host windows, and their alarms are the flows'", async () => {
    await hosts(at(SCORED), "-o", at("all.ndjson"), "--window", "10m");
    const sum = (name: string): number =>
      readNdjson(at("all.ndjson")).reduce((total, row) => total + Number(row[name]), 0);
    const scored = await runHere("score-batch", [FLOWS, "-m", MODEL, "-o", at("again.parquet")]);
    expect(sum("flows")).toBe(24_000);
    expect(scored.stdout.replaceAll(",", "")).toContain(`alerts     ${sum("alarms")} `);
  });

  test("alarms as often as its budget says on flows like its baseline", async () => {
    const beside = ["--baseline", at(SCORED), "--window", "10m", "--json"];
    for (const alarms of [5, 20]) {
      const { status, stdout } = await hosts(at(SCORED), ...beside, "--budget", `${alarms}/day`);
      expect(status).toBe(0);
      const found = JSON.parse(stdout);
      expect(found.usual.seconds).toBeCloseTo(2 * 86_400, -4);
      expect(found.alarms.length / 2).toBeGreaterThan(0.5 * alarms);
      expect(found.alarms.length / 2).toBeLessThan(1.5 * alarms);
    }
  });

  test("names what alarms as the written rows do", async () => {
    await hosts(at(SCORED), "-o", at("rows.ndjson"));
    const { stdout } = await hosts(at(SCORED), "--json");
    const alarms = readNdjson(at("rows.ndjson")).filter(({ is_anomaly: isAnomaly }) => isAnomaly === true);
    expect(alarms.length).toBeGreaterThan(0);
    expect(JSON.parse(stdout).alarms).toEqual(alarms);
  });

  test("a host's own past changes scores where it is asked for, and needs a baseline", async () => {
    const scores = async (...more: string[]): Promise<unknown[]> => {
      await hosts(at(SCORED), "--baseline", at(SCORED), "-o", at("scores.ndjson"), ...more);
      return readNdjson(at("scores.ndjson")).map(({ score }) => score);
    };
    const plain = await scores();
    expect(await scores("--own-baseline")).not.toEqual(plain);
    const idle = await hosts(at(SCORED), "--own-baseline");
    expect([idle.status, idle.stderr]).toEqual([
      2,
      "oddflow: --own-baseline is for hosts of a --baseline; leave it out\n",
    ]);
  });

  test("says in one line what it cannot do", async () => {
    writeFileSync(
      at("nobody.csv"),
      "stime,score,is_anomaly,probability\n1767225600,1,false,0.5\n1767225601,2,true,0.001\n",
    );
    writeFileSync(
      at("never.csv"),
      "srcip,dstip,score,is_anomaly,probability\na,b,1,false,0.5\na,c,2,true,0.001\n",
    );
    copyFileSync(at(SCORED), at("earlier.parquet"));
    const refused: readonly (readonly [args: readonly string[], status: number, said: RegExp])[] = [
      [[FLOWS], 3, /has no column "score"; name flows that were scored/],
      [
        [at("nobody.csv")],
        3,
        /nobody\.csv has no columns that are known to hold addresses; name the column of hosts with --entity COLUMN/,
      ],
      [
        [at("never.csv")],
        3,
        /never\.csv has no column that is known to hold times; name it with --time COLUMN/,
      ],
      [[at(SCORED), "--entity", "no such"], 3, /no such/],
      [[at(SCORED), "--window", "5"], 2, /--window 5: expected a minute to a week, such as 10m, 1h or 1d/],
      [[at(SCORED), "-o", at(SCORED)], 2, /is the input itself/],
      [
        [at(SCORED), "--baseline", at("earl*.parquet"), "-o", at("earlier.parquet")],
        2,
        /earlier\.parquet is the input itself/,
      ],
      [[at(SCORED), "--baseline", "-"], 2, /hosts reads files, not standard input/],
      [["-"], 2, /hosts reads files, not standard input/],
    ];
    for (const [args, status, said] of refused) {
      const finished = await hosts(...args);
      expect([finished.stderr, finished.status]).toEqual([expect.stringMatching(said), status]);
      expect(finished.stderr.trimEnd().split("\n")).toHaveLength(1);
    }
  });
});
