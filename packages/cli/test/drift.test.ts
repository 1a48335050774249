import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readModelSummary, replaceMetadata, sealModel } from "@oddflow/onnx";
import { beforeAll, describe, expect, test } from "vitest";
import { type FittedModel, fitModel } from "./fitted-model.ts";
import { runHere as run } from "./in-process.ts";
import { FLOWS, MODEL, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
let fitted: FittedModel;
beforeAll(async () => {
  fitted = await fitModel(folder);
});

/** Flows with some of their fields set to other values; `null` is a missing one. */
const changed = (lines: readonly string[], change: (row: number) => Record<string, unknown>): string[] =>
  lines.map((line, row) => JSON.stringify({ ...JSON.parse(line), ...change(row) }));

interface Report {
  readonly flows: number;
  readonly fittedOn: number;
  readonly shareOverThreshold: number;
  readonly past: string[];
  readonly columns: {
    name: string;
    psi: number;
    moved: number;
    unseen?: { before: number; now: number };
    missing: { before: number; now: number };
  }[];
}

describe("oddflow drift", () => {
  test("finds that flows of the same traffic have not moved, be they many or few", async () => {
    const few = fitted.table(
      "few.ndjson",
      fitted.usual.filter((_, row) => row % 50 === 0),
    );
    const text = await run("oddflow", ["drift", fitted.model, few]);
    expect([text.status, text.stderr]).toEqual([0, ""]);
    expect(text.stdout).toMatch(/nothing has moved past 0\.25/);
    const half = fitted.table("half.ndjson", fitted.usual);
    const { status, stdout } = await run("oddflow", ["drift", fitted.model, half, "--json"]);
    expect(status).toBe(0);
    const report: Report = JSON.parse(stdout);
    expect(report).toMatchObject({ flows: fitted.usual.length, past: [] });
    expect(report.columns).toHaveLength(33);
    for (const { psi } of report.columns) expect(psi).toBeLessThan(0.02);
    expect(report.shareOverThreshold).toBeGreaterThan(0.005);
    expect(report.shareOverThreshold).toBeLessThan(0.02);
  });

  test("names what has moved, the furthest first, and exits with 4", async () => {
    const moved = fitted.table(
      "moved.ndjson",
      changed(fitted.usual, (row) => ({
        sttl: 77,
        ...(row % 2 === 0 ? { swin: null } : {}),
        ...(row % 10 === 0 ? { service: "teleport" } : {}),
      })),
    );
    const { status, stdout } = await run("oddflow", ["drift", fitted.model, moved, "--json"]);
    const report: Report = JSON.parse(stdout);
    expect(status).toBe(4);
    expect(report.columns.slice(0, 2).map(({ name }) => name)).toEqual(["sttl", "swin"]);
    expect(report.past).toContain("swin");
    const column = (wanted: string): Report["columns"][number] | undefined =>
      report.columns.find(({ name }) => name === wanted);
    expect(column("swin")?.missing).toEqual({ before: 0, now: expect.closeTo(0.5, 3) });
    const { before = 1, now = 0 } = column("service")?.unseen ?? {};
    expect(now - before).toBeGreaterThan(0.05);
    expect(column("dur")?.moved).toBeLessThan(0.02);
    // In words, and with a limit of the user's.
    const text = await run("oddflow", ["drift", fitted.model, moved, "--limit", "1"]);
    expect(text.status).toBe(4);
    expect(text.stdout).toMatch(/\n +sttl +\d+\.\d+ +0\.\d+ +moved far/);
    expect(text.stdout).toMatch(/limit +past 1: .*sttl, swin/);
    expect((await run("oddflow", ["drift", fitted.model, moved, "--limit", "100"])).status).toBe(0);
  });

  test("says when it is the score that has moved", async () => {
    // Attacks look like usual flows in most columns, but not to the model.
    const { status, stdout } = await run("oddflow", [
      "drift",
      fitted.model,
      fitted.table("attacks.ndjson", fitted.attacks),
      "--json",
    ]);
    const report: Report = JSON.parse(stdout);
    expect([status, report.past[0]]).toEqual([4, "score"]);
    expect(report.shareOverThreshold).toBeGreaterThan(0.02);
  });
});

describe("oddflow drift answers with one line", () => {
  const refused = async (args: string[], status: number, message: RegExp): Promise<void> => {
    const finished = await run("oddflow", ["drift", ...args]);
    expect(finished.stderr).toMatch(message);
    expect([finished.stderr.trimEnd().split("\n").length, finished.status, finished.stdout]).toEqual([
      1,
      status,
      "",
    ]);
  };

  test("when the model has no profile, or a damaged one", async () => {
    const bytes = readFileSync(fitted.model);
    const damaged = join(folder, "damaged.onnx");
    writeFileSync(damaged, sealModel(replaceMetadata(bytes, new Map([["oddflow.profile", "{}"]]))));
    await refused([damaged, FLOWS], 3, /damaged\.onnx.*oddflow\.profile/);
    if (!readModelSummary(readFileSync(MODEL)).metadata.has("oddflow.profile")) {
      await refused([MODEL, FLOWS], 3, /unsw-nb15\.onnx.*train it again with this release/);
    }
  });

  test("for files that are not there, tables that do not fit and a limit that is none", async () => {
    writeFileSync(join(folder, "few-columns.csv"), "dur,sbytes\n1,2\n");
    await refused([join(folder, "no.onnx"), FLOWS], 3, /no\.onnx: no such file/);
    await refused([fitted.model, join(folder, "few-columns.csv")], 3, /columns.*"protocol"/);
    await refused([fitted.model, FLOWS, "--limit", "0"], 2, /--limit 0: expected a number above 0/);
  });
});
