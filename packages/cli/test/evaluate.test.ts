import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_BUDGET, thresholdForBudget } from "@oddflow/detector";
import type { ColumnSeparation, RepeatedEvaluation } from "@oddflow/evaluation";
import { UNSW_NB15 } from "@oddflow/preprocessing";
import { describe, expect, test } from "vitest";
import { runHere as run } from "./in-process.ts";
import { temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const noise = (row: number, k: number): number =>
  Math.abs(Math.sin((row + 1) * 12.9898 * k) * 43_758.5453) % 1;

/**
 * A made-up table: bytes follow packets in normal flows (four of five) and not in attacks, most of which their `ttl`
 * tells apart; two days with a night between them.
 */
function writeTable(
  name: string,
  rows: number,
  change: (flow: Record<string, unknown>, row: number) => object,
): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const attack = row % 5 === 4;
    const packets = 2 + Math.floor(20 * noise(row, 1));
    const flow = {
      stime: 1_740_000_000 + (row < rows * 0.6 ? row : 80_000 + row),
      proto: row % 3 === 0 ? "udp" : "tcp",
      packets,
      bytes: Math.round(packets * (attack ? 4000 * noise(row, 2) : 60 + 20 * noise(row, 2))),
      ttl: attack && noise(row, 3) < 0.8 ? 254 : 31,
      attack: attack ? (row % 2 === 0 ? "dos" : "scan") : "normal",
    };
    return JSON.stringify(change(flow, row));
  });
  const path = join(folder, name);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

const flows = writeTable("flows.ndjson", 1500, (flow) => flow);
const later = writeTable("later.ndjson", 400, (flow, row) => ({
  ...flow,
  proto: row % 7 === 0 ? "sctp" : flow["proto"],
  attack: flow["attack"] === "dos" ? "new kind" : flow["attack"],
}));
/** Who talks to whom is known, so that flows are seen in their context and learned from by the hosts behind them. */
const ofHosts = writeTable("hosts.ndjson", 1500, (flow, row) => ({
  ...flow,
  srcip: `10.0.0.${row % 5 === 4 ? 200 : row % 23}`,
  dstip: `10.1.0.${row % 11}`,
  dsport: [53, 80, 443][row % 3],
}));
const fast = ["--epochs", "1", "--json"];

interface PrintedEvaluation extends RepeatedEvaluation {
  readonly leaks: readonly ColumnSeparation[];
}

async function evaluate(...args: string[]): Promise<PrintedEvaluation> {
  const { status, stdout, stderr } = await run("oddflow", ["evaluate", ...args, ...fast]);
  expect([status, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

describe("oddflow evaluate, training anew", () => {
  test("tells mean and spread of several seeds, with and without columns, on the same splits", async () => {
    const { parts, columns, budget } = await evaluate(
      flows,
      "--seeds",
      "2",
      "--drop",
      "ttl",
      "--attacks-in-training",
      "0.1",
    );
    expect([parts.kind, budget]).toEqual(["random", 0.01]);
    expect(columns.map(({ features, dropped }) => [features, dropped])).toEqual([
      [4, []],
      [3, ["ttl"]],
    ]);
    const [all, without] = columns.map(({ seeds }) => seeds);
    for (const seeds of [all, without]) {
      expect(seeds?.map(({ seed, trainedOn, testedOn }) => [seed, trainedOn, testedOn])).toEqual([
        [1, 1067, 240],
        [2, 1067, 240],
      ]);
      expect(seeds?.[0]?.contamination).toBeCloseTo(0.1, 2);
      expect(seeds?.[0]?.threshold).not.toBe(seeds?.[1]?.threshold);
    }
    // The ttl tells most attacks apart by itself.
    expect(all?.[0]?.rocAuc).toBeGreaterThan(without?.[0]?.rocAuc ?? 1);
    const kinds = columns[0]?.attackKinds?.map(({ name }) => name) ?? [];
    expect(kinds.toSorted()).toEqual(["dos", "scan"]);
    for (const { seeds, summary } of columns) {
      const aucs = seeds.map(({ rocAuc }) => rocAuc ?? 0);
      expect(summary.rocAuc?.mean).toBeCloseTo(((aucs[0] ?? 0) + (aucs[1] ?? 0)) / 2, 12);
      expect(summary.rocAuc?.deviation).toBeCloseTo(
        Math.abs((aucs[0] ?? 0) - (aucs[1] ?? 0)) / Math.SQRT2,
        12,
      );
    }
  });

  test("trains on the earlier day and tests on the later one", async () => {
    const { parts, columns } = await evaluate(flows, "--split", "time");
    expect(parts).toEqual({
      kind: "time",
      column: "stime",
      earlierFlows: 900,
      laterFlows: 600,
      lastEarlier: 1_740_000_899,
      firstLater: 1_740_080_900,
      by: "gap",
    });
    expect(columns[0]?.seeds).toMatchObject([{ trainedOn: 648, contamination: 0, testedOn: 600 }]);
  });

  test("trains on one table and tests on another, whose own values and kinds are unseen", async () => {
    const { parts, columns } = await evaluate(later, "--train", flows);
    expect(parts).toEqual({ kind: "transfer", trainingFlows: 1500, testedFlows: 400 });
    const [seed] = columns[0]?.seeds ?? [];
    expect(seed).toMatchObject({ testedOn: 400 });
    expect(seed?.contamination).toBeCloseTo(0.05, 2);
    expect(seed?.attackKinds?.map(({ name, attacks }) => [name, attacks])).toEqual([
      ["scan", 40],
      ["new kind", 40],
    ]);
  });

  test.each([
    ["in its context, by its hosts", ofHosts, "--context auto --epochs 1"],
    [
      "of the robust kind, by all that says how it is made",
      flows,
      "--subset 0.7 --attacks-in-training 0.1 --clean 0.2 --transform identity --encoding label --hidden 12,6 " +
        "--latent 3 --dropout 0.05,0 --epochs 2 --batch-size 64 --learning-rate 0.004 --threads 1 --role ttl=identifier",
    ],
    [
      "of the reference protocol and its roles",
      flows,
      "--protocol reference --roles reference --subset 900 --epochs 1",
    ],
  ])("evaluates the detector that oddflow train makes of the same options: %s", async (_, table, options) => {
    const given = options.split(" ");
    const model = join(folder, `${given.length}.onnx`);
    const trained = await run("oddflow", ["train", table, "-o", model, "--seed", "1", "--json", ...given]);
    const evaluated = await run("oddflow", ["evaluate", table, "--seeds", "1", "--json", ...given]);
    expect([trained.status, evaluated.status]).toEqual([0, 0]);
    const { evaluation, parts, thresholds } = JSON.parse(trained.stdout);
    const { columns }: RepeatedEvaluation = JSON.parse(evaluated.stdout);
    expect(columns[0]?.seeds).toMatchObject([
      {
        trainedOn: parts.train,
        testedOn: parts.test,
        rocAuc: evaluation.rocAuc,
        averagePrecision: evaluation.prAuc,
        threshold: thresholdForBudget(thresholds.heldBack, DEFAULT_BUDGET),
        foundAt5PercentFalseAlarms: evaluation.detectionAt5PercentFalseAlarms.detection,
      },
    ]);
  });

  test("prints it for a person, at the budget asked for, the same figures for the same seed", async () => {
    const args = [
      "evaluate",
      flows,
      "--attacks-in-training",
      "0",
      "--epochs",
      "1",
      "--budget",
      "0.02",
      "--detector",
      "reference",
    ];
    const { status, stdout } = await run("oddflow", args);
    expect(status).toBe(0);
    for (const text of [
      "Columns: 4 features by names, types and values",
      "Seeds: 1; each trains a detector on 960 flows, 0.00 % of them attacks",
      "attacks found at 5 % false alarms",
      "false alarms at a budget of 2 %",
      "Attacks found at a budget of 2 %, by kind",
    ]) {
      expect(stdout).toContain(text);
    }
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
    expect((await run("oddflow", args)).stdout).toBe(stdout);
  });
});

describe("oddflow evaluate refuses", () => {
  const unlabelled = writeTable("unlabelled.ndjson", 50, ({ attack: _, ...flow }) => flow);
  const timeless = writeTable("timeless.ndjson", 50, ({ stime: _, ...flow }) => flow);
  const narrow = writeTable("narrow.ndjson", 50, ({ ttl: _, bytes: __, ...flow }) => flow);
  const cases: [string, string[], number, RegExp][] = [
    [
      "a column to drop that is no feature",
      [flows, "--drop", "ttl,tlt"],
      2,
      /"tlt" is no feature.*proto, packets, bytes, ttl/,
    ],
    ["nothing to drop", [flows, "--drop", "ttl,"], 2, /--drop ttl,: expected names/],
    [
      "a split by time without a time column",
      [timeless, "--split", "time"],
      2,
      /no column that is known to hold times.*--time/,
    ],
    ["a time column without a split by it", [flows, "--time", "stime"], 2, /--split time/],
    ["a table without labels", [unlabelled, "--seeds", "2"], 3, /unlabelled\.ndjson has no labels.*--role/],
    [
      "a training table that lacks columns",
      [flows, "--train", narrow],
      3,
      /narrow\.ndjson lacks 2 features of .*"bytes", "ttl"/,
    ],
    [
      "a tested table that lacks columns",
      [narrow, "--train", flows],
      3,
      /narrow\.ndjson lacks 2 features of .*"bytes", "ttl"/,
    ],
    [
      "a training table and a split",
      [later, "--train", flows, "--split", "random"],
      2,
      /--train.*--split random/,
    ],
    ["training with a model", [flows, "--seeds", "2", "-m", "m.onnx"], 2, /--seeds trains anew.*--model/],
    ["no seed", [flows, "--seeds", "0"], 2, /--seeds 0: expected a whole number/],
    [
      "a share of attacks in training out of range",
      [flows, "--contamination", "0.5"],
      2,
      /--attacks-in-training 0\.5: expected a number from 0 to 0\.2/,
    ],
    [
      "a budget in alarms a day",
      [flows, "--seeds", "1", "--budget", "5/day"],
      2,
      /--budget 5\/day: give a share/,
    ],
  ];
  test.each(cases)("%s", async (_, args, status, message) => {
    const finished = await run("oddflow", ["evaluate", ...args]);
    expect(finished.stderr).toMatch(message);
    expect([finished.status, finished.stdout, finished.stderr.trim().split("\n").length]).toEqual([
      status,
      "",
      1,
    ]);
  });
});

describe("oddflow evaluate names the columns that tell the labels by themselves", () => {
  const size = ["--hidden", "6", "--latent", "2", "--clean", "off"];
  /** `mode` tells attacks but for a few by its value alone, `gap` by its rank; a thousand `peers` are each seen once or twice. */
  const leaky = writeTable("leaky.ndjson", 1500, (flow, row) => {
    const isAttack = flow["attack"] !== "normal";
    return {
      ...flow,
      bytes: Math.round(1000 * noise(row, 2)),
      mode: isAttack && row % 150 !== 4 ? 7 : (row % 3) * 7 + 1,
      gap: noise(row, 4) - (isAttack ? 0.8 : 0),
      peer: `p${Math.floor(250 * noise(row, 5))}`,
    };
  });

  test("and repeats the result without them, unless others are to be dropped", async () => {
    const evaluation = await evaluate(leaky, ...size);
    expect(evaluation.leaks.map(({ column }) => column).toSorted()).toEqual(["gap", "mode"]);
    expect(evaluation.columns.map(({ dropped }) => dropped.toSorted())).toEqual([[], ["gap", "mode"]]);
    const own = await evaluate(leaky, ...size, "--drop", "proto");
    expect(own.leaks).toEqual(evaluation.leaks);
    expect(own.columns.map(({ dropped }) => dropped)).toEqual([[], ["proto"]]);
  });

  test("also those of a model that is there, which cannot do without them", async () => {
    const model = join(folder, "leaky.onnx");
    const trained = await run("oddflow", ["train", leaky, "-o", model, "--epochs", "1", ...size]);
    expect(trained.status).toBe(0);
    const { stdout } = await run("oddflow", ["evaluate", leaky, "-m", model]);
    expect(stdout).toMatch(/ {2}mode +0\.9\d{3}\n/);
    expect(stdout).toContain("--seeds 3 trains anew, with and without them.");
    const { leaks } = JSON.parse((await run("oddflow", ["evaluate", leaky, "-m", model, "--json"])).stdout);
    expect(leaks).toHaveLength(2);
  });
});

test("oddflow evaluate tells UNSW-NB15's figures without its label leaks, unasked", async () => {
  const features = Object.entries(UNSW_NB15.roles).filter(([, role]) => role !== "label");
  const flows = writeTable("unsw.ndjson", 300, ({ attack }, row) => ({
    ...Object.fromEntries(features.map(([name], k) => [name, Math.round(20 * noise(row, k + 1))])),
    attack_label: attack,
  }));
  const { columns } = await evaluate(flows, "--contamination", "0", "--detector", "reference");
  expect(columns.map(({ features, dropped }) => [features, dropped])).toEqual([
    [33, []],
    [30, ["sttl", "dttl", "ct_state_ttl"]],
  ]);
});
