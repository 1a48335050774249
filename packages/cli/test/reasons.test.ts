import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadDataset } from "@oddflow/datasets";
import { summariseColumnErrors, summariseScores } from "@oddflow/detector";
import { createScorer } from "@oddflow/inference/node";
import { featureCount, fitPreprocessing, recodeFlows, transformFlows } from "@oddflow/preprocessing";
import { decideRoles, openTable } from "@oddflow/tables";
import { beforeAll, describe, expect, test } from "vitest";
import { constantModel } from "../../inference/test/constant-model.ts";
import { runHere } from "./in-process.ts";
import { MODEL, readNdjson, run, temporaryFolder } from "./run-cli.ts";
import { someFlows } from "./some-flows.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

/**
 * Expects the mean features of the fixture's flows of every flow, so what it says hangs on no training. Its twin keeps
 * what it expects to itself.
 */
const model = at("mean.onnx");
const silent = at("silent.onnx");

/** Part of the fixture's flows. */
const flowsPath = at("flows.ndjson");
let lines: string[] = [];

beforeAll(async () => {
  // The attacks of the second day are among them.
  const some = await someFlows("row BETWEEN 12000 AND 14999");
  await runHere("score-batch", [some, "-m", MODEL, "-o", at("fixture.ndjson")]);
  lines = readFileSync(at("fixture.ndjson"), "utf8").trimEnd().split("\n");
  writeFileSync(flowsPath, lines.join("\n"));
  const table = await openTable(flowsPath);
  const { decisions } = await decideRoles(table, "auto", new Map());
  const { columns, flows } = await loadDataset(table, decisions);
  const rows = table.rows;
  table.close();
  const options = {
    transform: "signed-log1p",
    encoding: "one-hot",
    featureLimit: 5,
    rareShare: 1e-3,
  } as const;
  const spec = fitPreprocessing({ columns, flows }, options);
  recodeFlows(flows, columns, spec.columns);
  const expected = new Float64Array(featureCount(spec));
  transformFlows(spec, flows).forEach((feature, i) => {
    const k = i % expected.length;
    expected[k] = (expected[k] as number) + feature / rows;
  });
  const scorer = await createScorer(constantModel(spec, expected), { provider: "cpu" });
  const { scores, errors = new Float32Array() } = await scorer.score(flows, { errors: true });
  await scorer.close();
  const thresholds = {
    heldBack: summariseScores(scores),
    columnErrors: summariseColumnErrors(errors, columns.length),
  };
  writeFileSync(model, constantModel(spec, expected, thresholds));
  writeFileSync(silent, constantModel(spec, expected, thresholds, "kept"));
});

const score = (...args: string[]) => runHere("score-batch", [flowsPath, "--columns", "none", ...args]);

describe("--top", () => {
  test("prints the oddest flows with what was seen, what is usual, and how unusual it is", async () => {
    const { status, stdout, stderr } = await score("-m", model, "-o", at("top.parquet"), "--top", "3");
    expect([status, stderr]).toEqual([0, ""]);
    const printed = stdout.slice(0, stdout.indexOf("flows      3,000"));
    // 5 flows of 3 lines between two lines and a blank one, and what the file was taken for.
    expect(printed.split("\n")).toHaveLength(2 + 15 + 2 + 1);
    expect(printed).toMatch(/\nread as {4}UNSW-NB15's table\n$/);
    expect(printed.split("\n").slice(0, 8).join("\n")).toMatchInlineSnapshot(`
      "The oddest flows
             row     score  share  what made it odd
           2,139     3.602   20 %  sloss 18, usually about 0.3 (1 in 390 flows is this far off)
                             15 %  dloss 17, usually about 0.4 (1 in 220 flows is this far off)
                             11 %  dur 60, usually about 0.8 (1 in 3,000 flows is this far off)
           1,628     3.579   21 %  dloss 46, usually about 0.4 (1 in 500 flows is this far off)
                             17 %  synack 0.163, usually about 0.012 (1 in 120 flows is this far off)
                             14 %  tcprtt 0.212, usually about 0.018 (1 in 96 flows is this far off)"
    `);
    const more = await score("-m", model, "-o", at("top.parquet"), "--top", "1", "--oddest", "7");
    expect(more.stdout.slice(0, more.stdout.indexOf("\n\n")).split("\n")).toHaveLength(2 + 7);
  });

  test("gives machines the reasons of anomalies in JSON lines, from a table as from a pipe", async () => {
    const out = at("top.ndjson");
    expect((await score("-m", model, "-o", out, "--top", "2", "--budget", "0.02")).status).toBe(0);
    const rows = readNdjson(out);
    const anomalies = rows.filter((row) => row["is_anomaly"]);
    expect(anomalies.length).toBeGreaterThan(40);
    expect(rows.every((row) => (row["reasons"] === null) === !row["is_anomaly"])).toBe(true);
    for (const { top_columns: top, reasons } of anomalies) {
      const own = reasons as Record<string, unknown>[];
      expect(own.map(({ name }) => name)).toEqual(top);
      for (const reason of own) {
        expect(Object.keys(reason)).toEqual(["name", "seen", "expected", "share", "rarity", "text"]);
      }
    }
    const args = ["-", "-m", model, "--columns", "none", "--top", "2", "--budget", "0.02"];
    const piped = await run("score-batch", args, { input: lines.join("\n") });
    const fromPipe = piped.stdout.trim().split("\n");
    expect(fromPipe).toHaveLength(rows.length);
    fromPipe.forEach((line, row) => {
      expect(withoutUnseenTexts(JSON.parse(line).reasons)).toEqual(
        withoutUnseenTexts(rows[row]?.["reasons"]),
      );
    });
  });
});

/** A table's codes do not tell the text of an unseen value; a record does. */
function withoutUnseenTexts(reasons: unknown): unknown {
  if (!Array.isArray(reasons)) return reasons;
  return reasons.map((reason) =>
    typeof reason.seen === "object" && reason.seen !== null
      ? { ...reason, seen: "unseen", text: "" }
      : reason,
  );
}

test("--reasons gives them in any format, and --no-reasons in none", async () => {
  const json = at("why.ndjson");
  const csv = at("why.csv");
  await score("-m", model, "-o", json, "--reasons");
  const { stdout } = await score("-m", model, "-o", csv, "--reasons");
  expect(stdout).not.toContain("oddest");
  const wanted = readNdjson(json).map(({ reasons }) => reasons);
  expect(wanted.filter((own) => own !== null).every((own) => Array.isArray(own) && own.length === 3)).toBe(
    true,
  );
  const [header, ...cells] = readFileSync(csv, "utf8").trim().split("\n");
  expect(header).toBe("score,is_anomaly,probability,reasons");
  cells.forEach((line, row) => {
    const text = line.split(",").slice(3).join(",").replace(/^"|"$/g, "").replaceAll('""', '"');
    expect(text === "" ? null : JSON.parse(text)).toEqual(wanted[row]);
  });
  await score("-m", model, "-o", json, "--top", "1", "--no-reasons");
  expect(Object.keys(readNdjson(json)[0] ?? {})).toEqual([
    "score",
    "is_anomaly",
    "probability",
    "top_columns",
  ]);
});

describe("a model that does not tell what it expects", () => {
  test("has the values seen for reasons", async () => {
    const { status, stdout } = await score("-m", silent, "-o", at("seen.ndjson"), "--top", "2");
    expect(status).toBe(0);
    expect(stdout.split("\n").slice(0, 4).join("\n")).toMatchInlineSnapshot(`
      "The oddest flows
             row     score  share  what made it odd
           2,139     3.602   20 %  sloss 18
                             15 %  dloss 17"
    `);
    expect(Object.keys(readNdjson(at("seen.ndjson"))[0] ?? {}).at(-1)).toBe("top_columns");
  });

  test("is refused where reasons are asked for, before anything is written", async () => {
    const { status, stderr } = await score("-m", silent, "-o", at("none.csv"), "--reasons");
    expect([status, stderr.trim().split("\n").length]).toEqual([3, 1]);
    expect(stderr).toMatch(/"reconstruction", so it cannot tell what it expects; train the model again/);
    expect(existsSync(at("none.csv"))).toBe(false);
    const piped = await run("score-batch", ["-", "-m", silent, "--reasons"], { input: '{"dur":1}\n' });
    expect([piped.status, piped.stdout]).toEqual([3, ""]);
  });
});
