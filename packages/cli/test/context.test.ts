import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createScoringService } from "@oddflow/edge-service";
import { createScorer, type Scorer } from "@oddflow/inference/node";
import { contextColumns } from "@oddflow/preprocessing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { LiveContext } from "../src/live-context.ts";
import { askService, page, pipe } from "./context-doors.ts";
import { command } from "./in-process.ts";
import { ROOT, readNdjson, temporaryFolder } from "./run-cli.ts";
import { csvOf, flows, ok, SMALL, writeRecords } from "./scan-flows.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const table = writeRecords(at("flows.ndjson"), flows);
const model = at("m.onnx");
const withoutSource = flows.map(({ src_ip: _, ...flow }) => flow);

let scorer: Scorer;
let told: string;

beforeAll(async () => {
  process.setMaxListeners(0);
  told = await ok("train", table, "-o", model, ...SMALL);
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
  const alone = writeRecords(
    at("alone.ndjson"),
    flows.map(({ ts: _, ...flow }) => flow),
  );
  expect(await ok("train", alone, "-o", at("alone.onnx"), ...SMALL)).toContain(
    "Context: none, no column is known to hold times",
  );
  const refused = await command("train", alone, "-o", at("x.onnx"), "--context-by", "proto");
  expect(refused).toMatchObject({ refused: true, said: expect.stringContaining("--context-by proto") });
});

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
    const after = await pipe(
      scorer,
      `${lines.slice(400).join("\n")}\n`,
      await LiveContext.open(scorer, state),
    );
    const before = written
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).score);
    expect([...before, ...after]).toEqual(await pipe(scorer, `${lines.join("\n")}\n`));
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
    const path = writeRecords(at("without.ndjson"), withoutSource);
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
      pipe(scorer, `${ndjson}\n`),
      pipe(scorer, csv),
      page(scorer, ndjson, "without.ndjson"),
      page(scorer, csv, "without.csv"),
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
      await expect(pipe(scorer, `${text}\n`)).rejects.toMatchObject({
        message: expect.stringContaining(column),
      });
      expect((await askService(createScoringService(scorer), text)).text).toContain(column);
    }
  });
});

test("records alone have no context, so a scorer takes them encoded only", async () => {
  await expect(scorer.score([{ ...flows[0] }])).rejects.toMatchObject({ code: "FLOWS_SHAPE" });
});
