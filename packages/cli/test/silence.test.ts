import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { DriftReport } from "../src/format-drift.ts";
import { type FittedModel, fitModel } from "./fitted-model.ts";
import { runHere } from "./in-process.ts";
import { temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const DAY = 86_400;
/** A Monday, 00:00 UTC. */
const MONDAY = 1_767_571_200;
const SPLIT = MONDAY + 3 * DAY;

let fitted: FittedModel;
let baseline = "";

/** Flows of five hosts every ten minutes or so for three days and one, and what else is asked for. */
function flows(
  keep: (host: string, time: number) => boolean,
  more: readonly [string, number][] = [],
): [string, number][] {
  const all: [string, number][] = [];
  for (let k = 0; k < 5; k++)
    for (let time = MONDAY + 97 * k; time < SPLIT + DAY; time += 300 + ((time * 7919 + k * 101) % 600))
      all.push([`10.0.0.${k}`, time]);
  return [...all.filter(([host, time]) => keep(host, time)), ...more];
}

function table(name: string, rows: readonly [string, number][]): string {
  const path = join(folder, name);
  const lines = rows
    .toSorted((a, b) => a[1] - b[1])
    .map(([host, time], k) => {
      const flow = JSON.parse(fitted.usual[k % fitted.usual.length] as string);
      return `${JSON.stringify({ ...flow, source_ip: host, stime: time })}\n`;
    });
  writeFileSync(path, lines.join(""));
  return path;
}

const recent = (rows: readonly [string, number][]): [string, number][] =>
  rows.filter(([, time]) => time >= SPLIT);

const drift = (path: string, ...more: string[]): ReturnType<typeof runHere> =>
  runHere("oddflow", ["drift", fitted.model, path, "--limit", "100", ...more]);

beforeAll(async () => {
  fitted = await fitModel(folder);
  baseline = table(
    "baseline.ndjson",
    flows((_, time) => time < SPLIT, [["10.0.0.77", MONDAY + 100]]),
  );
});

describe("oddflow drift --by", () => {
  const by = (): string[] => ["--by", "source", "--baseline", baseline];

  test("names who stopped, who never came again, who fell and who is new, and exits with 4", async () => {
    const rows = recent(
      flows(
        (host, time) =>
          !(host === "10.0.0.1" && time > SPLIT + DAY / 4) &&
          host !== "10.0.0.2" &&
          !(host === "10.0.0.3" && Math.floor(time / 700) % 5 > 0),
        [["10.0.0.99", SPLIT + 5000]],
      ),
    );
    const path = table("stopped.ndjson", rows);
    const { status, stdout, stderr } = await drift(path, ...by(), "--json");
    expect([status, stderr]).toEqual([4, ""]);
    const { past, silence }: DriftReport = JSON.parse(stdout);
    expect(past).toEqual(["silent hosts", "hosts whose rate fell"]);
    expect(silence).toMatchObject({
      by: "source",
      ratesBy: "hour of the day",
      zone: "UTC",
      budget: "1/day",
      hosts: 5,
      silent: { count: 2, neverCameAgain: 1 },
      silentBefore: 0,
      fallen: { count: 1, listed: [{ host: "10.0.0.3" }] },
      seldom: 1,
      seldomGone: 1,
      new: 1,
      outages: { count: 0, isLonger: false },
    });
    const silent = new Map(silence?.silent.listed.map((own) => [own.host, own]));
    const last = (host: string): number =>
      Math.max(...rows.filter(([own]) => own === host).map(([, time]) => time));
    expect(silent.get("10.0.0.1")).toMatchObject({ since: last("10.0.0.1"), cameAgain: true });
    expect(silent.get("10.0.0.2")?.cameAgain).toBe(false);
    for (const { since, missedAt, longestSilence } of silent.values())
      expect(missedAt - since).toBeGreaterThanOrEqual(longestSilence);
    expect(silence?.recent.to).toBe(Math.max(...rows.map(([, time]) => time)));

    const text = await drift(path, ...by(), "--zone", "Europe/Berlin");
    expect(text.status).toBe(4);
    expect(text.stdout).toMatch(
      /Hosts by source: 5 that came in six hours or more of the 3\.0 days before, rates by hour of the day \(Europe\/Berlin\)/,
    );
    expect(text.stdout).toMatch(/\n +silent +last flow +for +longest before +flows a day\n/);
    expect(text.stdout).toMatch(/\n +10\.0\.0\.1 +2026-01-08T05:\d\dZ +1[78]\.\d h +\d+ min +\d+\n/);
    expect(text.stdout).toMatch(
      /\nsilent {5}2 hosts, 1 of them without a flow in these; 0 more were silent before\n/,
    );
    expect(text.stdout).toMatch(/limit +past 100: silent hosts, hosts whose rate fell\n/);
  });

  test("says nothing of hosts that go on, and of a column what it says of hosts", async () => {
    const path = table("usual.ndjson", recent(flows(() => true)));
    const { status, stdout } = await drift(path, ...by());
    expect(stdout).toMatch(/\nsilent {5}0 hosts/);
    expect(status).toBe(0);
    const { silence }: DriftReport = JSON.parse(
      (await drift(path, "--by", "source_ip", "--baseline", baseline, "--json")).stdout,
    );
    expect([silence?.by, silence?.hosts, silence?.silent.count]).toEqual(["source_ip", 5, 0]);
    // Without --by the report is as before.
    expect(JSON.parse((await drift(path, "--json")).stdout)).not.toHaveProperty("silence");
  });

  test("says that nobody sent, not that each host is silent", async () => {
    const [from, to] = [SPLIT + DAY / 4, SPLIT + DAY - 1000];
    const path = table("down.ndjson", recent(flows((_, time) => time < from || time > to)));
    const { status, stdout } = await drift(path, ...by());
    expect(stdout).toMatch(
      /\n +nobody sent +until +for +flows usually\n +2026-01-08T0[56]:\d\dZ +2026-01-08T23:4\dZ +17\.\d h +\d+\n/,
    );
    expect(stdout).toMatch(/\nsilent {5}0 hosts/);
    expect(stdout).toMatch(/limit +past 100: no flow of anybody\n/);
    expect(status).toBe(4);
  });

  test("says in one line what it cannot do", async () => {
    const path = table("again.ndjson", recent(flows(() => true)));
    const longAgo = table(
      "long-ago.ndjson",
      flows((_, time) => time < SPLIT).map(([host, time]) => [host, time - 4000 * DAY]),
    );
    const refused: readonly (readonly [args: readonly string[], status: number, said: RegExp])[] = [
      [
        ["--by", "source"],
        2,
        /--by needs earlier flows that say how often hosts come; name them with --baseline/,
      ],
      [["--baseline", baseline], 2, /--baseline is for hosts, which --by names; leave it out/],
      [["--zone", "UTC"], 2, /--zone is for hosts, which --by names/],
      [[...by(), "--zone", "Mars/Base"], 2, /--zone Mars\/Base: no such time zone is known/],
      [[...by(), "--budget", "0.01"], 2, /--budget 0\.01: expected a number of hosts such as 1\/day/],
      [["--by", "source", "--baseline", "-"], 2, /drift reads files, not standard input/],
      [["--by", "no such", "--baseline", baseline], 3, /no such/],
      [["--by", "source", "--baseline", path], 3, /no flow with a host and a time is before the recent ones/],
      [
        ["--by", "source", "--baseline", longAgo],
        2,
        /--by: there are 4,00\d days from .* 2015-01-\d\d, to .* 2026-01-0\d/,
      ],
      [[...by(), "--time", "dur"], 3, /before the recent ones|time/],
    ];
    for (const [args, status, said] of refused) {
      const finished = await drift(path, ...args);
      expect([finished.stderr, finished.status]).toEqual([expect.stringMatching(said), status]);
      expect(finished.stderr.trimEnd().split("\n")).toHaveLength(1);
    }
  });
});
