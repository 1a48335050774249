import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { runHere as run } from "./in-process.ts";
import { type Finished, FLOWS, MODEL, readNdjson, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const SMALL = [
  "--clean",
  "off",
  "--epochs",
  "2",
  "--hidden",
  "32,16",
  "--dropout",
  "0.1,0.1",
  "--latent",
  "4",
];

const figures = (page: string): string[] =>
  [...page.matchAll(/<figure id="([a-z-]+)"/g)].map(([, id]) => id ?? "");

interface OddestRow {
  readonly row: number;
  readonly score: number;
  readonly label: string | undefined;
  readonly reasons: readonly string[];
}

/** The page's table of the oddest flows. */
function oddest(page: string): OddestRow[] {
  const table = /<caption>The flows with the highest scores[\s\S]+?<\/table>/.exec(page)?.[0] ?? "";
  return table
    .split('<tr role="row">')
    .slice(2)
    .map((row) => ({
      row: Number(/scope="row">([\d,]+)</.exec(row)?.[1]?.replaceAll(",", "")),
      score: Number(/class="number">([\d.]+)</.exec(row)?.[1]),
      label: /class="text">([^<]+)</.exec(row)?.[1],
      reasons: [...row.matchAll(/<li>([^<]+)</g)].map(([, reason]) => reason ?? ""),
    }));
}

/** What the model says of every row of the fixture, and what the row is. */
async function scoredRows(model: string): Promise<{ score: number; label: string }[]> {
  const out = at("scored.ndjson");
  await run("score-batch", [FLOWS, "-m", model, "-o", out]);
  return readNdjson(out).map((row) => ({
    score: Number(row["score"]),
    label: String(row["attack_label"]),
  }));
}

/** Every row of the page's table is that row of the fixture; the page gives four digits of a score. */
function expectRows(flows: readonly OddestRow[], rows: readonly { score: number; label: string }[]): void {
  for (const { row, score, label } of flows) {
    expect(label).toBe(rows[row - 1]?.label);
    expect(score).toBeCloseTo(rows[row - 1]?.score ?? 0, 2);
  }
}

describe("oddflow evaluate --report", () => {
  let finished: Finished;
  let page = "";
  beforeAll(async () => {
    finished = await run("oddflow", [
      "evaluate",
      FLOWS,
      "-m",
      MODEL,
      "--budget",
      "0.05",
      "--report",
      at("e.html"),
    ]);
    page = readFileSync(at("e.html"), "utf8");
  });

  test("writes a page with the figures that it prints, and the losses from the model file", async () => {
    expect([finished.status, finished.stderr]).toEqual([0, ""]);
    expect(finished.stdout).toContain(`\nReport: ${at("e.html")}\n`);
    expect(figures(page)).toEqual([
      "scores",
      "roc",
      "roc-few",
      "precision-recall",
      "attack-types",
      "alarms-by-hour",
      "column-errors",
      "losses",
    ]);
    const area = /ROC-AUC +(0\.\d{4})/.exec(finished.stdout)?.[1] ?? "nothing printed";
    expect(page).toContain(`<dt>ROC-AUC</dt><dd><b>${area}</b>`);
    expect(page).toContain("A: budget of 0.05");
    expect(page).toContain("At a threshold meant to flag 5\u00a0% of usual flows");
    expect(page.length).toBeLessThan(500_000);
    // Whole or not at all: nothing of its making is left beside it.
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("names the oddest flows by their row, score and label in the table", async () => {
    const flows = oddest(page);
    const rows = await scoredRows(MODEL);
    expect(flows).toHaveLength(20);
    expectRows(flows, rows);
    const twentieth = rows.map(({ score }) => score).toSorted((a, b) => b - a)[19];
    expect(flows[19]?.score).toBeCloseTo(twentieth ?? 0, 2);
    expect(flows.every(({ reasons }) => reasons.length === 3)).toBe(true);
  });
});

describe("oddflow train --report", () => {
  test("reports on the test part, and the same training gives the same page", async () => {
    const args = ["train", FLOWS, "--subset", "0.1", ...SMALL, "-o", at("t.onnx"), "--report", at("t.html")];
    const { status, stdout, stderr } = await run("oddflow", args);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`Report: ${at("t.html")}`);
    const page = readFileSync(at("t.html"), "utf8");
    expect(figures(page)).toHaveLength(8);
    expect(page).toContain("the test part, which the model was not trained on");
    const area = /ROC-AUC +(0\.\d{4})/.exec(stdout)?.[1] ?? "nothing printed";
    expect(page).toContain(`<dt>ROC-AUC</dt><dd><b>${area}</b>`);
    const rows = await scoredRows(at("t.onnx"));
    expect(oddest(page)).toHaveLength(20);
    expectRows(oddest(page), rows);
    // Standard output is left to the JSON where that is asked for.
    const again = await run("oddflow", [...args, "--json"]);
    expect(JSON.parse(again.stdout)).toMatchObject({ model: at("t.onnx") });
    expect(readFileSync(at("t.html"), "utf8")).toBe(page);
  });

  test("with rules shows no flow whose alarm they take away, says how many they are, and trains the same", async () => {
    const rules = at("rules.json");
    writeFileSync(
      rules,
      JSON.stringify({ rules: [{ id: "tcp", verdict: "benign", match: { protocol: "tcp" } }] }),
    );
    const args = ["train", FLOWS, "--subset", "0.1", ...SMALL, "-o", at("r.onnx")];
    const { status, stderr } = await run("oddflow", [...args, "--report", at("r.html"), "--rules", rules]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(readFileSync(at("r.onnx"))).toEqual(readFileSync(at("t.onnx")));
    const [page, without] = [readFileSync(at("r.html"), "utf8"), readFileSync(at("t.html"), "utf8")];
    const flows = readNdjson(at("scored.ndjson"));
    expect(oddest(without).some(({ row }) => flows[row - 1]?.["protocol"] === "tcp")).toBe(true);
    expect(oddest(page).some(({ row }) => flows[row - 1]?.["protocol"] === "tcp")).toBe(false);
    const alarms = (html: string): number =>
      Number(/ of ([\d,]+) alarms</.exec(html)?.[1]?.replaceAll(",", ""));
    const hidden = Number(/([\d,]+) by tcp \(curves/.exec(page)?.[1]?.replaceAll(",", ""));
    expect(hidden).toBeGreaterThan(0);
    expect(alarms(page)).toBe(alarms(without) - hidden);
    const area = (html: string): string | undefined => /<dt>ROC-AUC<\/dt><dd><b>(\S+)<\/b>/.exec(html)?.[1];
    expect(area(page)).toBe(area(without));
    const idle = await run("oddflow", [...args, "--rules", rules]);
    expect([idle.status, idle.stderr]).toEqual([2, "oddflow: --rules is for a --report; leave it out\n"]);
  });

  test("of a table without labels shows what can be known", async () => {
    const rows = Array.from({ length: 400 }, (_, i) => `${["tcp", "udp"][i % 2]},${60 * (i % 17)},${i % 13}`);
    writeFileSync(at("own.csv"), `Proto,TotBytes,Dur\n${rows.join("\n")}\n`);
    const args = ["train", at("own.csv"), ...SMALL, "-o", at("own.onnx"), "--report", at("own.html")];
    expect((await run("oddflow", args)).status).toBe(0);
    const page = readFileSync(at("own.html"), "utf8");
    expect(page).toContain("60, held back to set the thresholds, which the model was not trained on");
    expect(figures(page)).toEqual(["scores", "column-errors", "losses"]);
    expect(oddest(page)).toHaveLength(20);
  });
});

describe("a report that cannot be written is refused before anything runs", () => {
  const NO_RULES = at("none.yaml");
  beforeAll(() => writeFileSync(NO_RULES, "rules: []\n"));

  test.each([
    ["over the model", ["evaluate", FLOWS, "-m", MODEL, "--report", MODEL], 2, "is the input itself"],
    [
      "over the rules",
      ["evaluate", FLOWS, "--rules", NO_RULES, "--report", NO_RULES],
      2,
      "is the input itself",
    ],
    [
      "over a training's rules",
      ["train", FLOWS, "-o", at("m"), "--rules", NO_RULES, "--report", NO_RULES],
      2,
      "is the input itself",
    ],
    [
      "a model over the rules",
      ["train", FLOWS, "-o", NO_RULES, "--rules", NO_RULES, "--report", at("r.html")],
      2,
      "is the input itself",
    ],
    ["over the new model", ["train", FLOWS, "-o", at("m"), "--report", at("m")], 2, "name another file"],
    ["of many trainings", ["evaluate", FLOWS, "--seeds", "2", "--report", at("r.html")], 2, "--report"],
  ])("%s", async (_, args, status, message) => {
    const finished = await run("oddflow", args);
    expect(finished.status).toBe(status);
    expect(finished.stderr).toContain(message);
    expect(finished.stderr.trim().split("\n")).toHaveLength(1);
    expect(existsSync(at("m"))).toBe(false);
  });
});
