import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { command, runHere as run } from "./in-process.ts";
import { FLOWS, MODEL, readNdjson, temporaryFolder } from "./run-cli.ts";
import { someFlows } from "./some-flows.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const OTHER = at("other.onnx");
const some = await someFlows();

beforeAll(async () => {
  const small = [
    "--subset",
    "0.3",
    "--clean",
    "off",
    "--epochs",
    "1",
    "--hidden",
    "16",
    "--dropout",
    "0",
    "--latent",
    "3",
  ];
  const trained = await run("oddflow", ["train", FLOWS, "-o", OTHER, ...small, "--context", "off"]);
  expect(trained.stderr).toBe("");
});

interface Side {
  readonly old: number;
  readonly new: number;
}

interface Comparison {
  readonly thresholds: Side;
  readonly alarms: Side & { readonly flows: number; readonly both: number };
  readonly overlap: number;
  readonly rankCorrelation: number;
  readonly labels: {
    readonly normal: { readonly flows: number };
    readonly attacks: readonly { readonly name: string; readonly flows: number }[];
  };
  readonly changed: Readonly<
    Record<
      "old" | "new",
      readonly { row: number; scores: Side; rarities: Side; reasons: readonly string[] }[]
    >
  >;
}

async function compared(...args: string[]): Promise<Comparison> {
  const { status, stdout, stderr } = await run("oddflow", ["compare", ...args, "--json"]);
  expect([status, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

test("what is said of two models is what score-batch writes with each", async () => {
  const budget = ["--budget", "0.02"];
  const scored = async (model: string): Promise<readonly Record<string, unknown>[]> => {
    await run("score-batch", [FLOWS, "-m", model, "-o", at("scored.ndjson"), ...budget]);
    return readNdjson(at("scored.ndjson"));
  };
  const [old, latter] = [await scored(MODEL), await scored(OTHER)];
  const comparison = await compared(MODEL, OTHER, FLOWS, ...budget, "--changed", "7");
  const isAlarm = (row: Record<string, unknown> | undefined): boolean => row?.["is_anomaly"] === true;
  const both = old.filter((row, k) => isAlarm(row) && isAlarm(latter[k])).length;
  const alarms = { old: old.filter(isAlarm).length, new: latter.filter(isAlarm).length };
  expect(comparison.alarms).toEqual({ flows: old.length, ...alarms, both });
  expect(comparison.overlap).toBe(both / (alarms.old + alarms.new - both));
  expect(Math.min(alarms.old, alarms.new)).toBeGreaterThan(both);
  // Rules take the alarms of both away.
  writeFileSync(at("rules.yaml"), "rules: [{ id: web, verdict: wrong, match: { service: http } }]");
  const ruled = await compared(
    MODEL,
    OTHER,
    FLOWS,
    ...budget,
    "--changed",
    "1000",
    "--rules",
    at("rules.yaml"),
  );
  const isLeft = (row: Record<string, unknown> | undefined): boolean =>
    isAlarm(row) && row?.["service"] !== "http";
  const left = old.filter((row, k) => isLeft(row) && isLeft(latter[k])).length;
  const counts = { old: old.filter(isLeft).length, new: latter.filter(isLeft).length };
  expect(ruled.alarms).toEqual({ flows: old.length, ...counts, both: left });
  expect(counts.old + counts.new).toBeLessThan(alarms.old + alarms.new);
  for (const { row } of [...ruled.changed.old, ...ruled.changed.new])
    expect(old[row]?.["service"]).not.toBe("http");
  const attacks = old.filter((row) => row["binary_label"] === 1);
  expect(comparison.labels.normal.flows).toBe(old.length - attacks.length);
  for (const { name, flows } of comparison.labels.attacks)
    expect(attacks.filter((row) => row["attack_label"] === name)).toHaveLength(flows);
  // The flows that changed are the ones that changed most, and each knows its own scores.
  for (const [alarming, loud, quiet] of [
    ["old", old, latter],
    ["new", latter, old],
  ] as const) {
    const rarity = (rows: typeof old, row: number): number => Number(rows[row]?.["probability"]);
    const change = (row: number): number => rarity(quiet, row) / rarity(loud, row);
    const all = [...old.keys()].filter((row) => isAlarm(loud[row]) && !isAlarm(quiet[row]));
    const shown = comparison.changed[alarming];
    expect(shown).toHaveLength(7);
    const most = all.map(change).sort((one, other) => other - one);
    for (const [k, { row, scores, reasons }] of shown.entries()) {
      expect(all).toContain(row);
      expect(change(row) / (most[k] ?? 0)).toBeCloseTo(1, 4);
      expect(Math.fround(scores.old)).toBeCloseTo(Number(old[row]?.["score"]), 4);
      expect(Math.fround(scores.new)).toBeCloseTo(Number(latter[row]?.["score"]), 4);
      expect(reasons).toHaveLength(3);
    }
  }
});

test("a model agrees with itself, and shows no flow", async () => {
  const { alarms, overlap, rankCorrelation, changed } = await compared(MODEL, MODEL, some);
  expect([alarms.new, alarms.both, overlap]).toEqual([alarms.old, alarms.old, 1]);
  expect(rankCorrelation).toBeCloseTo(1, 12);
  expect(changed).toEqual({ old: [], new: [] });
});

test("a person reads the same figures, on the terminal and on a page", async () => {
  const { alarms, changed } = await compared(MODEL, OTHER, some);
  const page = at("compare.html");
  const { status, stdout } = await run("oddflow", ["compare", MODEL, OTHER, some, "--report", page]);
  expect(status).toBe(0);
  const count = (number: number): string => number.toLocaleString("en-US");
  expect(stdout).toMatch(new RegExp(`\n  all +${count(alarms.old)} +${count(alarms.new)}\n`));
  expect(stdout).toMatch(/\n {2}normal \(false alarms\) +[\d,]+ +\d+\.\d\d % +\d+\.\d\d %\n/);
  const html = readFileSync(page, "utf8");
  expect(html).toContain('<figure id="rarities"');
  for (const flow of [...changed.old, ...changed.new]) {
    expect(stdout).toMatch(new RegExp(`\n +${count(flow.row + 1)} {2}`));
    expect(html).toContain(`scope="row">${count(flow.row + 1)}</th>`);
  }
});

test("what cannot be compared is said in a line", async () => {
  const lacking = at("lacking.ndjson");
  writeFileSync(lacking, '{"dur":1}\n');
  const said = async (...args: string[]): Promise<string> => {
    const { refused, said } = await command("compare", ...args);
    expect(refused).toBe(true);
    return said;
  };
  expect(await said(MODEL, OTHER, "-")).toMatch(/compare reads files, not standard input/);
  expect(await said(MODEL, OTHER, lacking)).toMatch(/lacks? .*columns/);
  expect(await said(MODEL, at("none.onnx"), FLOWS)).toMatch(/none\.onnx/);
  expect(await said(MODEL, OTHER, FLOWS, "--time", "stime")).toMatch(/--time is for a budget of alarms/);
  expect(await said(MODEL, OTHER, FLOWS, "--changed", "-1")).toMatch(/--changed -1/);
  expect(await said(MODEL, OTHER, FLOWS, "--report", OTHER)).toMatch(/is the input itself/);
});
