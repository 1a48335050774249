import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeDetectorMetadata, parseDetectorMetadata, thresholdForBudget } from "@oddflow/detector";
import { createScorer } from "@oddflow/inference/node";
import { readModelSummary, replaceMetadata, sealModel } from "@oddflow/onnx";
import { beforeAll, describe, expect, test } from "vitest";
import { type FittedModel, fitModel, readFlows } from "./fitted-model.ts";
import { runHere as run } from "./in-process.ts";
import { FLOWS, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
let fitted: FittedModel;
let recent: string;
let others: string;
beforeAll(async () => {
  fitted = await fitModel(folder);
  const usual = fitted.usual.filter((_, row) => row % 3 === 0);
  const attacks = fitted.attacks.filter((_, row) => row % 40 === 0).slice(0, Math.round(usual.length / 49));
  recent = fitted.table("recent.ndjson", [...usual, ...attacks]);
  others = fitted.table(
    "others.ndjson",
    fitted.usual.filter((_, row) => row % 3 !== 0),
  );
});

const metadataOf = (path: string): ReturnType<typeof parseDetectorMetadata> =>
  parseDetectorMetadata(readModelSummary(readFileSync(path)));

/** A model's bytes with nothing in its metadata: what scores flows. */
const withoutMetadata = (path: string): Uint8Array => {
  const bytes = readFileSync(path);
  return replaceMetadata(
    bytes,
    new Map([...readModelSummary(bytes).metadata.keys()].sort().map((key) => [key, ""])),
  );
};

/** The fitted model with its score distribution lowered, so that the share `alarms` of usual flows reach its threshold for 1 %. */
function modelThatAlarms(alarms: number, name: string): string {
  const metadata = metadataOf(fitted.model);
  const former = metadata.thresholds.heldBack;
  const step = thresholdForBudget(former, 0.01) - thresholdForBudget(former, alarms);
  const { flows, probabilities, scores } = former;
  const heldBack = { flows, probabilities, scores: scores.map((score) => score - step) };
  const entries = encodeDetectorMetadata({ ...metadata, thresholds: { heldBack } });
  writeFileSync(at(name), sealModel(replaceMetadata(readFileSync(fitted.model), entries)));
  return at(name);
}

async function falseAlarms(model: string): Promise<number> {
  const scorer = await createScorer(model);
  const { scores } = await scorer.score(await readFlows(others, scorer));
  const threshold = scorer.thresholds.forBudget(0.01);
  await scorer.close();
  return scores.filter((score) => score >= threshold).length / scores.length;
}

describe("oddflow recalibrate", () => {
  test("told to guess, sets thresholds that other usual flows keep, from recent flows with attacks among them", async () => {
    const model = modelThatAlarms(0.07, "lower.onnx");
    const before = await falseAlarms(model);
    expect(before).toBeGreaterThan(0.05);
    const { status, stdout, stderr } = await run("oddflow", [
      "recalibrate",
      model,
      recent,
      "-o",
      at("new.onnx"),
      "--contamination",
      "auto",
    ]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/median -?\d+\.\d+ before, \d+\.\d+ now; PSI \d\.\d+: moved/);
    expect(stdout).toMatch(/alarms +\d+\.\d\d % of the recent flows reach/);
    expect(stdout).toContain(`written    ${at("new.onnx")}`);
    const after = await falseAlarms(at("new.onnx"));
    expect(after).toBeGreaterThan(0.005);
    expect(after).toBeLessThan(0.02);
  });

  test("told nothing, leaves none out: the budget is of all flows, and attacks among them take of it", async () => {
    const model = modelThatAlarms(0.07, "lower.onnx");
    const { stdout } = await run("oddflow", ["recalibrate", model, recent, "-o", at("all.onnx"), "--json"]);
    expect(JSON.parse(stdout).leftOut).toBe(0);
    const scorer = await createScorer(at("all.onnx"));
    const { scores } = await scorer.score(await readFlows(recent, scorer));
    const threshold = scorer.thresholds.forBudget(0.01);
    await scorer.close();
    const alarms = scores.filter((score) => score >= threshold).length;
    expect(Math.abs(alarms - 0.01 * scores.length)).toBeLessThanOrEqual(1);
    expect(await falseAlarms(at("all.onnx"))).toBeLessThan(0.01);
  });

  test("leaves the network and all else alone, and notes what it was recalibrated on", async () => {
    const args = ["recalibrate", fitted.model, recent, "-o"];
    const { status, stdout } = await run("oddflow", [...args, at("a.onnx"), "--json"]);
    const report = JSON.parse(stdout);
    expect([status, report.written, report.youdenDropped]).toEqual([0, at("a.onnx"), true]);
    expect(Buffer.compare(withoutMetadata(at("a.onnx")), withoutMetadata(fitted.model))).toBe(0);
    const before = metadataOf(fitted.model);
    const after = metadataOf(at("a.onnx"));
    expect([after.spec, after.profile]).toEqual([before.spec, before.profile]);
    const { recalibration, ...training } = after.training;
    expect(training).toEqual(before.training);
    expect(recalibration).toMatchObject({
      data: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), rows: report.flows },
      leftOut: report.leftOut,
    });
    expect(after.thresholds).not.toHaveProperty("youden");
    const usual = Math.round(report.flows * (1 - report.leftOut));
    expect(after.thresholds.heldBack.flows).toBe(usual);
    expect(after.thresholds.columnErrors?.flows).toBe(usual);
    // The same input gives the same file.
    await run("oddflow", [...args, at("b.onnx")]);
    expect(Buffer.compare(readFileSync(at("b.onnx")), readFileSync(at("a.onnx")))).toBe(0);
  });

  test("replaces the model itself, and takes the user's word for the share of attacks", async () => {
    copyFileSync(fitted.model, at("own.onnx"));
    const recalibrate = (share: string): Promise<{ stdout: string }> =>
      run("oddflow", [
        "recalibrate",
        at("own.onnx"),
        recent,
        "-o",
        at("own.onnx"),
        "--contamination",
        share,
        "--json",
      ]);
    const none = JSON.parse((await recalibrate("0")).stdout);
    const tenth = JSON.parse((await recalibrate("0.1")).stdout);
    expect([none.leftOut, none.youdenDropped, tenth.youdenDropped]).toEqual([0, true, false]);
    expect(tenth.leftOut).toBeCloseTo(0.1, 3);
    expect(tenth.threshold.before).toBe(none.threshold.now);
    expect(tenth.threshold.now).toBeLessThan(none.threshold.now);
  });

  test("refuses with 4 where most flows would have raised an alarm, and writes nothing", async () => {
    const model = modelThatAlarms(0.8, "strange.onnx");
    const before = readdirSync(folder);
    const args = ["recalibrate", model, recent, "-o", at("refused.onnx")];
    const { status, stdout, stderr } = await run("oddflow", [...args, "--json"]);
    expect([status, JSON.parse(stdout).written, stderr.trimEnd().split("\n").length]).toEqual([4, null, 1]);
    expect(stderr).toMatch(/recalibrate: \d+\.\d % of the recent flows.*nothing was written.*train a model/);
    expect(readdirSync(folder)).toEqual(before);

    // Who insists gets it, and the next one is still told how far it is from training.
    const forced = await run("oddflow", [...args, "--limit", "1"]);
    expect(forced.status).toBe(0);
    const again = await run("oddflow", ["recalibrate", at("refused.onnx"), recent, "-o", at("again.onnx")]);
    expect([again.status, existsSync(at("again.onnx"))]).toEqual([4, false]);
  });
});

describe("oddflow recalibrate answers with one line and writes nothing", () => {
  const refused = async (args: string[], status: number, message: RegExp): Promise<void> => {
    const before = readdirSync(folder);
    const finished = await run("oddflow", ["recalibrate", ...args]);
    expect(finished.stderr).toMatch(message);
    expect([finished.stderr.trimEnd().split("\n").length, finished.status, finished.stdout]).toEqual([
      1,
      status,
      "",
    ]);
    expect(readdirSync(folder)).toEqual(before);
  };

  test("for wrong usage", async () => {
    const out = ["-o", at("x.onnx")];
    await refused([fitted.model, FLOWS], 2, /out.*--help/);
    await refused(
      [fitted.model, FLOWS, ...out, "--contamination", "2"],
      2,
      /--contamination 2: expected auto/,
    );
    await refused(
      [fitted.model, FLOWS, ...out, "--limit", "2"],
      2,
      /--limit 2: expected a number above 0, up to 1/,
    );
    await refused([fitted.model, recent, "-o", recent], 2, /recent\.ndjson is the input itself/);
  });

  test("for bad data", async () => {
    const few = fitted.table("too-few.ndjson", fitted.usual.slice(0, 99));
    writeFileSync(at("no-model.onnx"), "hello");
    await refused([fitted.model, few, "-o", at("x.onnx")], 3, /has 99 flows; at least 100/);
    await refused([at("no-model.onnx"), FLOWS, "-o", at("x.onnx")], 3, /no-model\.onnx/);
    await refused([fitted.model, FLOWS, "-o", at("no/such/x.onnx")], 3, /no\/such/);
  });
});
