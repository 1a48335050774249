import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readNdjson, run, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

const noise = (row: number, k: number): number =>
  Math.abs(Math.sin((row + 1) * 12.9898 * k) * 43_758.5453) % 1;

/** Flows that are all alike; what tells the scan's, every fourth, is that one host sends so many to so many others. */
const flows: readonly Record<string, unknown>[] = Array.from({ length: 1200 }, (_, row) => {
  const isScan = row % 4 === 3;
  return {
    ts: 1_740_000_000 + row * 2 + noise(row, 1),
    src_ip: isScan ? "10.0.0.66" : `10.0.0.${Math.floor(60 * noise(row, 2))}`,
    dst_ip: `10.1.0.${Math.floor((isScan ? 250 : 6) * noise(row, 3))}`,
    dst_port: isScan ? 1 + Math.floor(1000 * noise(row, 4)) : 443,
    proto: "tcp",
    bytes: Math.round(500 + 400 * noise(row, 5)),
    packets: 2 + Math.floor(8 * noise(row, 6)),
    attack: isScan ? "scan" : "normal",
  };
});

function writeTable(name: string, records: readonly Record<string, unknown>[]): string {
  writeFileSync(at(name), `${records.map((record) => JSON.stringify(record)).join("\n")}\n`);
  return at(name);
}

const table = writeTable("flows.ndjson", flows);
const TRAINING = [
  "--role",
  "dst_port=identifier",
  "--attacks-in-training",
  "0",
  "--epochs",
  "20",
  "--hidden",
  "16",
];
const SMALL = [...TRAINING, "--latent", "4", "--clean", "off"];

async function ok(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run("oddflow", args);
  expect([status, stderr]).toEqual([0, ""]);
  return stdout;
}

describe("flows in their context", () => {
  test("a scan of flows that are all usual is found by what its host did before", async () => {
    const rocAuc = async (context: string): Promise<number> => {
      const evaluation = JSON.parse(
        await ok("evaluate", table, "--seeds", "1", ...SMALL, "--context", context, "--json"),
      );
      return evaluation.columns[0].summary.rocAuc.mean;
    };
    expect(await rocAuc("off")).toBeLessThan(0.7);
    expect(await rocAuc("auto")).toBeGreaterThan(0.95);
  });

  test("a model says what it counts, and scores a table in any order and of any format alike", async () => {
    const told = await ok("train", table, "-o", at("m.onnx"), ...SMALL, "--context", "auto");
    expect(told).toContain("Context: 24 features of the flows in the 60 and 600 seconds before");
    expect(told).toContain("hosts       src_ip to dst_ip");
    const scores = async (path: string): Promise<ReadonlyMap<unknown, unknown>> => {
      await ok("score", path, "-m", at("m.onnx"), "-o", at("scored.ndjson"), "--threads", "2");
      return new Map(readNdjson(at("scored.ndjson")).map((flow) => [flow["ts"], flow["score"]]));
    };
    const expected = await scores(table);
    expect(expected.size).toBe(flows.length);
    const turned = writeTable("turned.ndjson", flows.toReversed());
    expect(await scores(turned)).toEqual(expected);
    await ok("score", table, "-m", at("m.onnx"), "-o", at("scored.parquet"));
    expect(await scores(at("scored.parquet"))).toEqual(expected);
    expect(JSON.parse(await ok("evaluate", table, "-m", at("m.onnx"), "--json")).rocAuc).toBeGreaterThan(
      0.95,
    );
    expect(await ok("drift", at("m.onnx"), table, "--limit", "100")).toContain("context.source.60s.peers");
    await ok("recalibrate", at("m.onnx"), table, "-o", at("later.onnx"));
    const without = writeTable(
      "without.ndjson",
      flows.map(({ src_ip: _, ...flow }) => flow),
    );
    const refused = await run("oddflow", ["score", without, "-m", at("m.onnx"), "-o", at("none.ndjson")]);
    expect([refused.status, refused.stdout]).toEqual([3, ""]);
    expect(refused.stderr).toContain('"src_ip"');
  });

  test("networks are kept apart, and a table without addresses or times is trained on without", async () => {
    const two = writeTable(
      "two.ndjson",
      flows.map((flow, row) => ({ ...flow, site: row % 2 === 0 ? "a" : "b" })),
    );
    const told = await ok(
      ...["train", two, "-o", at("two.onnx"), "--context", "auto", "--context-by", "site", ...SMALL],
    );
    expect(told).toMatch(/networks +site/);
    const alone = writeTable(
      "alone.ndjson",
      flows.map(({ ts: _, ...flow }) => flow),
    );
    expect(await ok("train", alone, "-o", at("alone.onnx"), "--context", "auto", ...SMALL)).toContain(
      "Context: none, no column is known to hold times",
    );
    const refused = await run("oddflow", [
      "train",
      alone,
      "-o",
      at("x.onnx"),
      "--context",
      "auto",
      "--context-by",
      "proto",
    ]);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain("--context-by");
  });
});
