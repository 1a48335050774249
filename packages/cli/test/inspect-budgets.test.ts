import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runHere } from "./in-process.ts";
import { MODEL, temporaryFolder } from "./run-cli.ts";
import { someFlows } from "./some-flows.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

/** Flows in half a day, one every 20 seconds, without the last one's. */
const HALF_A_DAY = Array.from({ length: 2161 }, (_, i) => `${1_767_225_600 + 20 * i},${i % 7}`);

test("inspect --budgets says what budgets come to in alarms a day at the rate of a table's flows", async () => {
  writeFileSync(at("half-a-day.csv"), `stime,sbytes\n${HALF_A_DAY.join("\n")}\n`);
  const printed = await runHere("oddflow", ["inspect", MODEL, "--budgets", at("half-a-day.csv")]);
  expect([printed.status, printed.stderr]).toEqual([0, ""]);
  const lines = [...printed.stdout.matchAll(/^ {2}budget (\S+) % +score \S+ +(\S+) alarms a day$/gm)];
  expect(lines.map(([, budget, alarms]) => [budget, alarms])).toEqual([
    ["10", "432"],
    ["5", "216"],
    ["1", "43"],
    ["0.1", "4"],
  ]);
  expect(printed.stdout).toContain(
    "  of usual flows  4,322 flows a day by stime, from 2026-01-01T00:00:00Z to",
  );
});

test("they are the scores from which on score-batch alarms, asked for as many a day", async () => {
  const flows = await someFlows();
  const { stdout } = await runHere("oddflow", ["inspect", MODEL, "--budgets", flows, "--json"]);
  const { budgets } = JSON.parse(stdout);
  expect(budgets.budgets).toHaveLength(4);
  for (const { score, alarmsADay } of budgets.budgets.slice(2)) {
    const asked = ["--budget", `${alarmsADay}/day`, "-o", at("out.parquet"), "--columns", "none"];
    const scored = await runHere("score-batch", [flows, "-m", MODEL, ...asked]);
    expect(scored.stdout).toContain(budgets.rate);
    const [, threshold] = /score ([\d.]+) or more/.exec(scored.stdout) ?? [];
    expect(threshold).toBe(score.toFixed(3));
  }
});

test("a table without times is refused, and so is an option that is for --budgets alone", async () => {
  writeFileSync(at("timeless.csv"), "sbytes,dbytes\n1,2\n3,4\n");
  const timeless = await runHere("oddflow", ["inspect", MODEL, "--budgets", at("timeless.csv")]);
  expect([timeless.status, timeless.stderr]).toEqual([
    2,
    `oddflow: --budgets: ${at("timeless.csv")} has no column that is known to hold times; name it with --time COLUMN\n`,
  ]);
  const named = await runHere("oddflow", [
    "inspect",
    MODEL,
    "--budgets",
    at("timeless.csv"),
    "--time",
    "sbytes",
  ]);
  expect(named.status).toBe(0);
  const idle = await runHere("oddflow", ["inspect", MODEL, "--time", "stime"]);
  expect(idle.stderr).toBe("oddflow: --time is for the table of --budgets; leave it out\n");
});
