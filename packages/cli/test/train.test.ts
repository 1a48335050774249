import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runHere } from "./in-process.ts";
import { FLOWS, ROOT, readNdjson, run, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const REAL = join(ROOT, "../shared/data");
const small = ["--hidden", "32,16", "--dropout", "0.1,0.1", "--latent", "4"];
/** A training that does not end by itself. */
const endless = "--clean off --context off --epochs 5000 --learning-rate 1e-5".split(" ");

describe("oddflow train", () => {
  test("trains on a labelled table and prints what the reference prints", async () => {
    const { status, stdout, stderr } = await run("oddflow", [
      "train",
      FLOWS,
      "-o",
      at("m.onnx"),
      "--subset",
      "0.3",
      "--epochs",
      "1",
      ...small,
    ]);
    expect([status, stderr]).toEqual([0, ""]);
    for (const text of [
      "33 features by the UNSW-NB15 role table",
      "Context: 26 features of the flows in the 60 and 600 seconds before",
      "Attack-type distribution",
      "ROC-AUC",
      "PR-AUC",
      "Youden J",
      "attack / normal",
      "precision",
      "macro average",
      "weighted average",
      "Confusion matrix",
      "at 5 % false alarms",
      "Detection per attack type",
      `Written: ${at("m.onnx")}`,
    ]) {
      expect(stdout).toContain(text);
    }
    const inspected = await runHere("oddflow", ["inspect", at("m.onnx")]);
    expect(inspected.status).toBe(0);
    expect(inspected.stdout).toMatch(
      /flows \[batch, 59\][\s\S]+score \[batch\][\s\S]+budget 1 %[\s\S]+seed +1\n/,
    );
    const json = JSON.parse((await runHere("oddflow", ["inspect", at("m.onnx"), "--json"])).stdout);
    expect(json.training).toMatchObject({ seed: 1, parts: { test: 979 } });
  });

  test("gives the report for machines, the same for the same seed", async () => {
    const train = async (): Promise<Record<string, unknown>> => {
      const args = [
        "train",
        FLOWS,
        "-o",
        at("j.onnx"),
        "--epochs",
        "1",
        "--subset",
        "0.05",
        "--seed",
        "7",
        "--json",
        ...small,
      ];
      const { training: _, ...result } = JSON.parse((await runHere("oddflow", args)).stdout);
      return result;
    };
    const first = await train();
    expect(first).toMatchObject({ model: at("j.onnx"), evaluation: { labels: {}, confusion: {} } });
    expect(await train()).toEqual(first);
  });

  test("trains on a CSV table of an unknown schema without labels; its model scores it", async () => {
    const rows = Array.from({ length: 600 }, (_, i) => {
      const proto = ["tcp", "udp", "icmp"][i % 3];
      return `10.0.0.${i % 20},${40_000 + i},${proto},${i % 5 === 0 ? "" : 60 * ((i % 17) + 1)},${(i % 13) / 10},${i % 4}`;
    });
    writeFileSync(at("own.csv"), `SrcAddr,Sport,Proto,TotBytes,Dur,width\n${rows.join("\n")}\n`);
    const trained = await runHere("oddflow", [
      "train",
      at("own.csv"),
      "-o",
      at("own.onnx"),
      "--epochs",
      "2",
      "--role",
      "width=category",
      ...small,
    ]);
    expect([trained.status, trained.stderr]).toEqual([0, ""]);
    expect(trained.stdout).toContain("4 features by names, types and values");
    expect(trained.stdout).toMatch(/numbers +TotBytes Dur\n +categories +Proto width\n/);
    expect(trained.stdout).toMatch(/left out +SrcAddr \(.+\n +left out +Sport/);
    expect(trained.stdout).toContain("No labels, so nothing to evaluate");
    const scored = await runHere("score-batch", [
      at("own.csv"),
      "-m",
      at("own.onnx"),
      "-o",
      at("own.ndjson"),
    ]);
    expect(scored.status).toBe(0);
    expect(readNdjson(at("own.ndjson"))).toHaveLength(600);
    expect(scored.stdout).toContain("missing    120 values");
  });

  test("takes options before or after the table, and finishes when nobody reads what it prints", async () => {
    const script = `"${process.execPath}" packages/cli/bin/oddflow.js train --role service=category "${FLOWS}" -o "${at("h.onnx")}" --epochs 1 --subset 0.05 --clean off | head -n 1`;
    const { status } = spawnSync("bash", ["-o", "pipefail", "-c", script], { cwd: ROOT });
    expect(status).toBe(0);
    expect((await runHere("oddflow", ["inspect", at("h.onnx")])).status).toBe(0);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("leaves nothing half-written when it is told to end, or is interrupted twice", async () => {
    for (const signals of [["SIGTERM"], ["SIGINT", "SIGINT"]] as const) {
      const args = ["train", FLOWS, "-o", at("killed.onnx"), ...endless];
      writeFileSync(at("killed.onnx"), "the former model");
      const child = spawn(process.execPath, [join(ROOT, "packages/cli/bin/oddflow.js"), ...args]);
      // Before it says this it may not have begun to listen for signals.
      await new Promise<void>((resolve) => {
        child.stdout.on("data", (text: Buffer) => {
          if (text.includes("Engine:")) resolve();
        });
      });
      for (const signal of signals) child.kill(signal);
      const status = await new Promise((resolve) => child.on("close", resolve));
      expect(status).toBe(130);
      // Whoever sends SIGTERM does not look at what was trained so far; two Ctrl-C may arrive as one, which keeps it.
      if (signals[0] === "SIGTERM") expect(readFileSync(at("killed.onnx"), "utf8")).toBe("the former model");
      expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    }
  });

  test("keeps the best weights when it is interrupted", async () => {
    const args = ["train", FLOWS, "-o", at("cut.onnx"), ...endless];
    const child = spawn(process.execPath, [join(ROOT, "packages/cli/bin/oddflow.js"), ...args]);
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      // Some epochs after this line.
      if (!stdout.includes("Engine:") && text.includes("Engine:"))
        setTimeout(() => child.kill("SIGINT"), 2500);
      stdout += text;
    });
    const status = await new Promise((resolve) => child.on("close", resolve));
    expect(status).toBe(130);
    expect(stdout).toContain("(interrupted)");
    expect((await runHere("oddflow", ["evaluate", FLOWS, "-m", at("cut.onnx")])).stdout).toContain("ROC-AUC");
  });
});

test("oddflow evaluate prints the report, as text and as JSON, at the threshold asked for", async () => {
  const text = await runHere("oddflow", ["evaluate", FLOWS]);
  expect(text.status).toBe(0);
  expect(text.stdout).toContain("Detection per attack type");
  const json = await runHere("oddflow", ["evaluate", FLOWS, "--threshold", "1e9", "--json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    rows: 24_000,
    threshold: { value: 1e9 },
    confusion: { truePositives: 0 },
  });
});

test.skipIf(!existsSync(REAL))(
  "NSL-KDD's tables train and evaluate by their own roles (skipped without the real data)",
  async () => {
    const args = [
      "train",
      join(REAL, "nsl-kdd/train.parquet"),
      "-o",
      at("nsl.onnx"),
      "--subset",
      "0.03",
      "--epochs",
      "1",
    ];
    const trained = await runHere("oddflow", args);
    // num_outbound_cmds is 0 throughout.
    expect(trained.stdout).toContain("40 features by the NSL-KDD role table");
    const { stdout } = await runHere("oddflow", [
      "evaluate",
      join(REAL, "nsl-kdd/test.parquet"),
      "-m",
      at("nsl.onnx"),
      "--json",
    ]);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ rows: 22_544, labels: { normal: { flows: 9711 } } });
    expect(report.rocAuc).toBeGreaterThan(0.7);
  },
);

test("the README's program scores the flow in it", () => {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const program = /```js\n(import \{ createScorer \}[\s\S]+?)```/.exec(readme)?.[1] ?? "";
  expect(program.trim().split("\n").length).toBeLessThanOrEqual(10);
  symlinkSync(join(ROOT, "packages/cli/node_modules"), at("node_modules"));
  writeFileSync(at("program.mjs"), program);
  const { status, stdout, stderr } = spawnSync(process.execPath, [at("program.mjs")], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, ""]);
  const printed = /```text\n(score [\s\S]+?)```/.exec(readme)?.[1] ?? "";
  expect(stdout).toBe(printed);
});
