import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDetectorMetadata } from "@oddflow/detector";
import { createScorer } from "@oddflow/inference/node";
import { readModelSummary } from "@oddflow/onnx";
import { describe, expect, test } from "vitest";
// The page, which reads labels by the same patterns.
import { attackLabels, labelFigures, patternsFor } from "../../workbench/src/choosing/label-figures.ts";
import { readTable } from "../../workbench/src/reading/index.ts";
import { ScoredTable } from "../../workbench/src/scoring/scored-table.ts";
import { runHere as run } from "./in-process.ts";
import { temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

/** 400 flows with a botnet table's labels: a quarter from known normal hosts, a half background, the others of the bots. */
const KINDS = [
  "flow=From-Normal-V42-Jist",
  "flow=Background-UDP-Established",
  "flow=Background",
  "flow=From-Botnet-V42-TCP",
];

function writeTable(name: string, labelOf: (row: number) => string | number): string {
  const lines = Array.from({ length: 400 }, (_, row) => {
    const packets = 2 + ((row * 7919) % 23);
    const bytes = row % 4 === 3 ? 4000 + ((row * 104_729) % 997) : 60 * packets;
    return `${["tcp", "udp"][(row >> 1) % 2]},${packets},${bytes},${labelOf(row)}`;
  });
  writeFileSync(at(name), `Proto,TotPkts,TotBytes,Label\n${lines.join("\n")}\n`);
  return at(name);
}

const table = writeTable("botnet.csv", (row) => KINDS[row % 4] ?? "");
const small = ["--epochs", "1", "--hidden", "8", "--latent", "2", "--clean", "off"];
const named = ["flow=from-normal*", "flow=Background*"];
const patterns = named.flatMap((pattern) => ["--normal", pattern]);

describe("labels that are no plain normal are named by --normal", () => {
  test("which the refusal says, with the labels found and an example that works", async () => {
    for (const args of [
      ["train", table, "-o", at("none.onnx"), ...small],
      ["evaluate", table, "--seeds", "1", ...small],
    ]) {
      const { status, stderr } = await run("oddflow", args);
      expect([args[0], status, stderr.trim().split("\n").length]).toEqual([args[0], 3, 1]);
      expect(stderr).toContain("flow=From-Botnet-V42-TCP");
      expect(stderr).toContain("--normal 'flow=From-Normal*'");
    }
  });

  test("in train, evaluate with a model and evaluate that trains anew; the model remembers them", async () => {
    const trained = await run("oddflow", [
      "train",
      table,
      "-o",
      at("m.onnx"),
      ...patterns,
      ...small,
      "--json",
    ]);
    expect([trained.status, trained.stderr]).toEqual([0, ""]);
    expect(JSON.parse(trained.stdout).evaluation.labels).toMatchObject({
      normal: { flows: 30 },
      attack: { flows: 40 },
    });
    const { training } = parseDetectorMetadata(readModelSummary(readFileSync(at("m.onnx"))));
    expect(training["data"]).toMatchObject({ normal: named });

    const remembered = await run("oddflow", ["evaluate", table, "-m", at("m.onnx"), "--json"]);
    expect(remembered.stderr).toContain(
      "normal are flow=from-normal*, flow=Background*, as in the model's training",
    );
    const { labels, normal } = JSON.parse(remembered.stdout);
    expect([labels.normal.flows, labels.attack.flows, normal]).toEqual([300, 100, named]);

    const args = ["evaluate", table, "-m", at("m.onnx"), "--normal", "flow=From-Normal*", "--json"];
    const narrower = JSON.parse((await run("oddflow", args)).stdout);
    expect([narrower.labels.normal.flows, narrower.normal]).toEqual([100, ["flow=From-Normal*"]]);

    const anew = await run("oddflow", ["evaluate", table, "--seeds", "1", ...patterns, ...small, "--json"]);
    expect(JSON.parse(anew.stdout).columns[0].seeds[0]).toMatchObject({ trainedOn: 253, testedOn: 70 });
  });

  test("numbers as well; a table whose labels are plain needs none", async () => {
    const numbers = writeTable("numbers.csv", (row) => (row % 4 === 3 ? 2 : 1));
    const args = ["train", numbers, "-o", at("n.onnx"), "--normal", "1", ...small, "--json"];
    const trained = JSON.parse((await run("oddflow", args)).stdout);
    expect(trained.evaluation.labels).toMatchObject({ normal: { flows: 30 }, attack: { flows: 40 } });
    const plain = writeTable("plain.csv", (row) => (row % 4 === 3 ? "bot" : "Normal"));
    const evaluated = await run("oddflow", ["evaluate", plain, "-m", at("n.onnx"), "--json"]);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ labels: { attack: { flows: 100 } }, normal: null });
  });

  test("a pattern that names no label, or a table without any, is refused", async () => {
    for (const [flows, pattern, message] of [
      [
        table,
        "Normal*",
        "has no such label; its labels are flow=Background, flow=Background-UDP-Established",
      ],
      [writeTable("unlabelled.csv", () => "(empty)"), "x", "has no labels"],
    ] as const) {
      const { status, stderr } = await run("oddflow", [
        "train",
        flows,
        "-o",
        at("no.onnx"),
        "--normal",
        pattern,
      ]);
      expect([status, stderr.trim().split("\n").length]).toEqual([3, 1]);
      expect(stderr).toContain(`--normal '${pattern}'`);
      expect(stderr).toContain(message);
    }
  });

  test("mean in the page what they mean to evaluate: its figures are the same", async () => {
    const scorer = await createScorer(at("m.onnx"), { provider: "cpu" });
    const threshold = scorer.thresholds.forBudget(0.01);
    const usual = writeTable("usual.csv", (row) => ["benign", "dos", "", "background"][row % 4] ?? "");
    const numbers = writeTable("numbers.csv", (row) => [0, 2, 2, 7][row % 4] ?? 0);
    for (const [path, given] of [
      [table, undefined],
      [table, ["*botnet*"]],
      [table, ["FLOW=background", "flow=From-?ormal*"]],
      [usual, undefined],
      [usual, ["dos", "back*"]],
      [numbers, undefined],
      [numbers, ["2"]],
    ] as const) {
      const options = (given ?? []).flatMap((pattern) => ["--normal", pattern]);
      const evaluated = await run("oddflow", [
        "evaluate",
        path,
        "-m",
        at("m.onnx"),
        "--budget",
        "0.01",
        "--json",
        ...options,
      ]);
      expect(evaluated.status, evaluated.stderr).toBe(0);
      const { rocAuc, confusion } = JSON.parse(evaluated.stdout);
      const read = await readTable(new Blob([readFileSync(path)]), path, () => undefined);
      const { flows, workplace } = await ScoredTable.score(read, scorer, "m.onnx", () => undefined);
      const { label, model } = flows;
      if (label === undefined) throw new Error("the page has found no labels");
      const normal = given ?? patternsFor(label, model.normals);
      const isAttack = attackLabels(label, normal) ?? new Uint8Array();
      const { chosen, alarms } = workplace.choose({ filters: [], range: undefined, threshold });
      const { truePositives, falseNegatives, falsePositives, trueNegatives } = confusion;
      expect([path, given, labelFigures(chosen.labels, alarms.labels, isAttack)]).toEqual([
        path,
        given,
        {
          attacks: truePositives + falseNegatives,
          attacksFound: truePositives,
          normals: falsePositives + trueNegatives,
          falseAlarms: falsePositives,
        },
      ]);
      expect(workplace.rocAuc(isAttack)).toBeCloseTo(rocAuc, 10);
    }
    await scorer.close();
  });
});
